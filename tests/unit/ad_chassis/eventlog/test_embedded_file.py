"""Several processes on one file, killed at any moment: all that was committed is there, and nothing half."""

import asyncio
import signal
import sys
import time
from pathlib import Path

import pytest

from ad_chassis.eventlog.embedded import EmbeddedLog
from ad_chassis.eventlog.errors import LogError, Transient
from ad_chassis.eventlog.port import Consumer, Message, TopicConfig, TopicPartition
from tests.specs.event_log_case import Listener, eventually, everything, messages, take, values

WORKER = """
import asyncio, sys
from ad_chassis.eventlog.embedded import EmbeddedLog
from ad_chassis.eventlog.port import Message

class Silent:
    async def on_assigned(self, source, committed): pass
    async def on_revoked(self, source): pass

async def main():
    log = EmbeddedLog(sys.argv[1], lease_seconds=1.0)
    await log.start()
    consumer = log.consumer("copy", ["in"], Silent())
    await consumer.start()
    while True:
        for batch in await consumer.poll(5, 0.5):
            copies = [Message("out", record.value, partition=0) for record in batch.records]
            await consumer.commit(batch, copies, str(batch.next_offset))
            print(batch.next_offset, flush=True)

asyncio.run(main())
"""


async def kill_a_worker_at_work(path: Path, commits: int) -> None:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, str(path), stdout=asyncio.subprocess.PIPE
    )
    assert worker.stdout is not None
    for _ in range(commits):
        assert await worker.stdout.readline(), "the worker ended by itself"
    worker.send_signal(signal.SIGKILL)
    await worker.communicate()


async def test_a_process_killed_in_mid_commit_leaves_nothing_half(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    log = EmbeddedLog(path, lease_seconds=1.0)
    await log.start()
    await log.create_topics({"in": TopicConfig(1), "out": TopicConfig(1)})
    sent = [str(number) for number in range(3000)]
    await log.publish(messages("in", sent))
    for commits in (7, 40):
        await kill_a_worker_at_work(path, commits)
        copied = await everything(log, "out")
        assert copied == sent[: len(copied)]
        assert len(copied) % 5 == 0
    listener = Listener()
    heir = log.consumer("copy", ["in"], listener)
    await heir.start()
    await eventually(lambda: bool(listener.assigned))
    [(_, committed)] = listener.assigned
    assert committed is not None
    assert committed.offset == len(await everything(log, "out")) == int(committed.metadata)
    await heir.stop()
    await log.stop()


async def test_what_another_process_writes_is_seen_at_once(tmp_path: Path) -> None:
    path = tmp_path / "log.sqlite"
    one, other = EmbeddedLog(path), EmbeddedLog(path)
    await one.start()
    await other.start()
    await one.create_topics({"t": TopicConfig(1)})
    reader = other.reader(["t"])
    await reader.start()
    polling = asyncio.create_task(take(reader, 1))
    await asyncio.sleep(0.2)
    started = time.monotonic()
    await one.publish(messages("t", "a"))
    assert values(await polling) == ["a"]
    assert time.monotonic() - started < 1.0
    await reader.stop()
    await other.stop()
    await one.stop()


async def test_a_member_whose_heartbeats_the_file_does_not_take_says_so_until_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = EmbeddedLog(tmp_path / "log.sqlite", lease_seconds=0.2)
    await log.start()
    await log.create_topics({"t": TopicConfig(1)})
    member = log.consumer("g", ["t"], Listener())
    await member.start()

    async def full(_work: object) -> None:
        raise Transient("the event log's file did not take it: disk I/O error")

    with monkeypatch.context() as disk:
        disk.setattr(log._file, "write", full)
        async with asyncio.timeout(10):
            while not (said := await failure(member)):
                continue
    assert "took no heartbeat of group 'g' for" in said
    async with asyncio.timeout(10):
        while await failure(member):
            await asyncio.sleep(0.05)
    await member.stop()
    await log.stop()


async def failure(member: Consumer) -> str:
    try:
        await member.poll(1, 0.05)
    except Transient as error:
        return str(error)
    return ""


async def test_a_log_that_is_not_started_says_so(tmp_path: Path) -> None:
    log = EmbeddedLog(tmp_path / "log.sqlite")
    with pytest.raises(LogError, match="is not started"):
        await log.check()
    with pytest.raises(LogError, match="is not started"):
        await log.publish([Message("t", b"v")])


async def test_a_reopened_log_has_everything(tmp_path: Path) -> None:
    log = EmbeddedLog(tmp_path / "log.sqlite")
    await log.start()
    await log.create_topics({"t": TopicConfig(1)})
    await log.publish(messages("t", "abc"))
    await log.stop()
    again = EmbeddedLog(tmp_path / "log.sqlite")
    await again.start()
    assert await everything(again, "t") == list("abc")
    [(source, offset)] = await again.publish(messages("t", "d"))
    assert (source, offset) == (TopicPartition("t", 0), 3)
    await again.stop()
