"""What the run loop promises over any event log."""

import asyncio
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from ad_chassis.eventlog.errors import LogError, Poison, Transient
from ad_chassis.eventlog.handler import Outcome, RunLoopSettings
from ad_chassis.eventlog.port import (
    Batch,
    Committed,
    Consumer,
    Delivery,
    EventLog,
    Message,
    Record,
    TopicPartition,
)
from ad_chassis.eventlog.runloop import RunLoop
from tests.specs.event_log_case import EventLogCase, eventually, messages, shown, take, values

QUICK = RunLoopSettings(
    max_poll_records=10,
    poll_timeout_seconds=0.1,
    first_retry_seconds=0.02,
    last_retry_seconds=0.1,
    unhealthy_after_failures=3,
    drain_seconds=2.0,
)


class Upper:
    """Writes every value in capitals to `out`; values can be made to fail."""

    def __init__(self, out: str) -> None:
        self.out = out
        self.assigned: list[tuple[TopicPartition, Committed | None]] = []
        self.revoked: list[TopicPartition] = []
        self.failures: dict[str, list[Exception]] = {}
        self.unopenable: set[int] = set()
        self.gate = asyncio.Event()
        self.gate.set()
        self.in_hand: list[Batch] = []

    async def on_assigned(self, source: TopicPartition, committed: Committed | None) -> None:
        if source.partition in self.unopenable:
            raise OSError("the state is not there")
        self.assigned.append((source, committed))

    async def on_revoked(self, source: TopicPartition) -> None:
        self.revoked.append(source)

    async def handle(self, batch: Batch) -> Outcome:
        self.in_hand.append(batch)
        await self.gate.wait()
        for record in batch.records:
            value = (record.value or b"").decode()
            if value == "poison":
                raise Poison(record.offset, "it is poison")
            if self.failures.get(value):
                raise self.failures[value].pop(0)
        return Outcome(
            messages(self.out, [value.upper() for value in values([batch])]), f"to {batch.next_offset}"
        )


class Sparing(Upper):
    """Says little: only values in capitals lead to outputs, and the metadata stays as it is."""

    async def handle(self, batch: Batch) -> Outcome:
        outcome = await super().handle(batch)
        told = [message for message in outcome.outputs if message.value in {r.value for r in batch.records}]
        return Outcome(told, "known")


def commits_of(log: EventLog, fail_at: int | None = None) -> list[int]:
    """Where each commit of consumers made from now on ends; the first one at a place can be made to fail."""
    found: list[int] = []
    make, failures = log.consumer, [fail_at]

    def consumer(*arguments: Any) -> Consumer:
        made = make(*arguments)
        store = made.commit

        async def commit(batch: Batch, outputs: Sequence[Message], metadata: str = "") -> None:
            if batch.next_offset in failures:
                failures.clear()
                raise Transient("the log does not take it now")
            await store(batch, outputs, metadata)
            found.append(batch.next_offset)

        made.commit = commit
        return made

    log.consumer = consumer
    return found


class RunLoopSpec(EventLogCase):
    delivery: Delivery = "exactly_once"

    async def run(
        self,
        stack: AsyncExitStack,
        log: EventLog,
        topic: str,
        handler: Upper,
        group: str | None = None,
        dead: str = "",
        settings: RunLoopSettings = QUICK,
    ) -> RunLoop:
        def letter(source: TopicPartition, record: Record, reason: str) -> Message:
            return Message(dead, record.value, headers=(("reason", reason.encode()),), partition=0)

        loop = RunLoop(
            log,
            group or uuid.uuid4().hex,
            [topic],
            handler,
            replace(settings, delivery=self.delivery),
            dead_letter=letter if dead else None,
        )
        await loop.start()
        stack.push_async_callback(loop.stop)
        return loop

    async def expect(self, stack: AsyncExitStack, log: EventLog, topic: str, expected: list[str]) -> None:
        reader = log.reader([topic])
        await reader.start()
        stack.push_async_callback(reader.stop)
        assert values(await take(reader, len(expected))) == expected

    async def test_every_record_is_handled_in_order_and_committed(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out, group = await self.topic(log), await self.topic(log), uuid.uuid4().hex
        sent = [f"r{number}" for number in range(95)]
        await log.publish(messages(topic, sent))
        handler = Upper(out)
        loop = await self.run(stack, log, topic, handler, group)
        await self.expect(stack, log, out, [value.upper() for value in sent])
        await loop.check()
        await loop.stop()
        assert handler.revoked == [TopicPartition(topic, 0)]
        successor = Upper(out)
        await self.run(stack, log, topic, successor, group)
        await eventually(lambda: bool(successor.assigned))
        assert successor.assigned == [(TopicPartition(topic, 0), Committed(95, "to 95"))]

    async def test_batches_without_outputs_are_committed_with_the_next_that_has_some(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out, group = await self.topic(log), await self.topic(log), uuid.uuid4().hex
        patient = replace(QUICK, max_poll_records=1, commit_every_seconds=3600.0)
        handler, commits = Sparing(out), commits_of(log)
        await log.publish(messages(topic, "AabcDe"))
        loop = await self.run(stack, log, topic, handler, group, settings=patient)
        await self.expect(stack, log, out, ["A", "D"])
        await eventually(lambda: len(handler.in_hand) == 6)
        assert commits == [1, 5]
        await loop.stop()
        assert commits == [1, 5, 6]
        successor = Upper(out)
        await self.run(stack, log, topic, successor, group)
        await eventually(lambda: bool(successor.assigned))
        assert successor.assigned == [(TopicPartition(topic, 0), Committed(6, "known"))]

    async def test_what_waits_for_a_batch_that_does_not_come_is_committed_after_a_while(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out = await self.topic(log), await self.topic(log)
        commits = commits_of(log)
        await log.publish(messages(topic, "Aa"))
        settings = replace(QUICK, max_poll_records=1, commit_every_seconds=0.3)
        await self.run(stack, log, topic, Sparing(out), settings=settings)
        await eventually(lambda: len(commits) == 2)
        assert commits == [1, 2]

    async def test_what_waits_to_be_committed_comes_again_after_a_commit_that_failed(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out = await self.topic(log), await self.topic(log)
        patient = replace(QUICK, max_poll_records=1, commit_every_seconds=3600.0)
        handler, commits = Sparing(out), commits_of(log, fail_at=3)
        await log.publish(messages(topic, "AbC"))
        await self.run(stack, log, topic, handler, settings=patient)
        await self.expect(stack, log, out, ["A", "C"])
        await eventually(lambda: len(commits) == 2)
        assert commits == [1, 3]
        assert [values([batch]) for batch in handler.in_hand] == [["A"], ["b"], ["C"], ["b"], ["C"]]

    async def test_a_poison_record_is_set_aside_and_the_rest_goes_on(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out, dead = await self.topic(log), await self.topic(log), await self.topic(log)
        await log.publish(messages(topic, ["a", "poison", "b", "poison"]))
        await self.run(stack, log, topic, Upper(out), dead=dead)
        await self.expect(stack, log, out, ["A", "B"])
        await self.expect(stack, log, dead, ["poison", "poison"])

    async def test_a_batch_of_nothing_but_poison_is_passed(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out, dead = await self.topic(log), await self.topic(log), await self.topic(log)
        await log.publish(messages(topic, ["poison"]))
        await self.run(stack, log, topic, Upper(out), dead=dead)
        await self.expect(stack, log, dead, ["poison"])
        await log.publish(messages(topic, ["a"]))
        await self.expect(stack, log, out, ["A"])

    async def test_a_transient_failure_holds_its_partition_only_and_skips_nothing(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out = await self.topic(log, 2), await self.topic(log)
        handler = Upper(out)
        handler.failures["a"] = [Transient("not now")] * 1000
        loop = await self.run(stack, log, topic, handler)
        await log.publish(messages(topic, "a", 0) + messages(topic, "b", 1))
        await self.expect(stack, log, out, ["B"])
        with pytest.raises(LogError, match=r"failed .* times in a row: Transient: not now"):
            await until_unhealthy(loop)
        handler.failures.clear()
        await self.expect(stack, log, out, ["B", "A"])
        await log.publish(messages(topic, "c", 0))
        await self.expect(stack, log, out, ["B", "A", "C"])
        await loop.check()

    async def test_a_fault_is_logged_as_an_error_and_what_passes_by_itself_is_not(
        self, log: EventLog, stack: AsyncExitStack, caplog: pytest.LogCaptureFixture
    ) -> None:
        topic, out = await self.topic(log), await self.topic(log)
        handler = Upper(out)
        handler.failures["a"] = [Transient("not now")]
        handler.failures["b"] = [KeyError("a mistake in the program")]
        await self.run(stack, log, topic, handler)
        for value, level in (("a", "WARNING"), ("b", "ERROR")):
            caplog.clear()
            await log.publish(messages(topic, value))
            await eventually(lambda: any("could not handle" in each.message for each in caplog.records))
            assert {each.levelname for each in caplog.records if "could not" in each.message} == {level}
        await self.expect(stack, log, out, ["A", "B"])

    async def test_a_partition_that_cannot_be_opened_makes_the_loop_unhealthy_until_it_can(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out = await self.topic(log, 2), await self.topic(log)
        handler = Upper(out)
        handler.unopenable = {1}
        loop = await self.run(stack, log, topic, handler)
        await log.publish(messages(topic, "a", 0) + messages(topic, "b", 1))
        await self.expect(stack, log, out, ["A"])
        with pytest.raises(LogError, match="OSError: the state is not there"):
            await until_unhealthy(loop)
        handler.unopenable = set()
        await self.expect(stack, log, out, ["A", "B"])
        await loop.check()

    async def test_a_commit_that_fails_puts_the_state_back_and_tries_again(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out = await self.topic(log), await self.topic(log)
        handler = Upper("missing-topic")
        await self.run(stack, log, topic, handler)
        await log.publish(messages(topic, "a"))
        await eventually(lambda: len(handler.assigned) > 1)
        handler.out = out
        await self.expect(stack, log, out, ["A"])
        assert await shown(log, out, 1) == ["A"]

    async def test_a_batch_that_hangs_makes_the_loop_unhealthy_until_it_ends(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out = await self.topic(log), await self.topic(log)
        await log.publish(messages(topic, "a"))
        handler = Upper(out)
        handler.gate.clear()
        settings = replace(QUICK, unhealthy_after_seconds=0.3)
        loop = await self.run(stack, log, topic, handler, settings=settings)
        await eventually(lambda: in_hand(handler) == 1)
        await loop.check()
        with pytest.raises(LogError, match="has had a batch in hand for"):
            await until_unhealthy(loop)
        handler.gate.set()
        assert await shown(log, out, 1) == ["A"]
        await loop.check()

    async def test_no_more_records_are_in_hand_than_allowed(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out = await self.topic(log, 3), await self.topic(log)
        for partition in range(3):
            await log.publish(messages(topic, "abcdefgh", partition))
        handler = Upper(out)
        handler.gate.clear()
        settings = RunLoopSettings(max_poll_records=8, max_in_flight_records=10, poll_timeout_seconds=0.05)
        await self.run(stack, log, topic, handler, settings=settings)
        await eventually(lambda: in_hand(handler) == 10)
        await asyncio.sleep(0.2)
        assert in_hand(handler) == 10
        handler.gate.set()
        reader = log.reader([out])
        await reader.start()
        stack.push_async_callback(reader.stop)
        assert sorted(values(await take(reader, 24))) == sorted("ABCDEFGH" * 3)

    async def test_stop_lets_the_batch_in_hand_finish(self, log: EventLog, stack: AsyncExitStack) -> None:
        topic, out = await self.topic(log), await self.topic(log)
        await log.publish(messages(topic, "a"))
        handler = Upper(out)
        handler.gate.clear()
        loop = await self.run(stack, log, topic, handler)
        await eventually(lambda: bool(handler.in_hand))
        stopping = asyncio.create_task(loop.stop())
        await asyncio.sleep(0.05)
        handler.gate.set()
        await stopping
        assert await shown(log, out, 1) == ["A"]
        with pytest.raises(LogError, match="has ended"):
            await loop.check()

    async def test_two_loops_of_a_group_handle_everything_once(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out, group = await self.topic(log, 4), await self.topic(log), uuid.uuid4().hex
        sent = [f"{partition}-{number}" for number in range(60) for partition in range(4)]
        first = await self.run(stack, log, topic, Upper(out), group)
        for value in sent[:120]:
            await log.publish(messages(topic, [value], int(value[0])))
        await self.run(stack, await self.another(stack), topic, Upper(out), group)
        for value in sent[120:]:
            await log.publish(messages(topic, [value], int(value[0])))
        await first.stop()
        reader = log.reader([out])
        await reader.start()
        stack.push_async_callback(reader.stop)
        got = values(await take(reader, len(sent)))
        if self.delivery == "at_least_once":
            # What a member had sent and not committed when the other one came is sent by that one again.
            while set(got) < set(sent):
                got += values(await take(reader, 1))
            got = list(dict.fromkeys(got))
        assert sorted(got) == sorted(sent)
        for partition in "0123":
            own = [value for value in got if value[0] == partition]
            assert own == [value for value in sent if value[0] == partition]


def in_hand(handler: Upper) -> int:
    return sum(len(batch.records) for batch in handler.in_hand)


async def until_unhealthy(loop: RunLoop) -> None:
    async with asyncio.timeout(10):
        while True:
            await loop.check()
            await asyncio.sleep(0.01)
