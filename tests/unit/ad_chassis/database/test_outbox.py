"""Events that are told exactly when a row changed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from ad_chassis.database import EVERY_TENANT, Database, new_metadata
from ad_chassis.database.outbox import Outbox, outbox_table
from ad_chassis.eventlog.embedded import EmbeddedLog
from ad_chassis.eventlog.errors import Transient
from ad_chassis.eventlog.port import Message, TopicConfig, TopicPartition

METADATA = new_metadata()
TABLE = outbox_table(METADATA, "tests")


class FailingLog(EmbeddedLog):
    """Refuses while it is told to."""

    down = False

    async def publish(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        if self.down:
            raise Transient("the log is down")
        return await super().publish(messages)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[FailingLog]:
    log = FailingLog(tmp_path / "log.sqlite")
    await log.start()
    await log.create_topics({"told": TopicConfig(partitions=1)})
    yield log
    await log.stop()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'tests.sqlite'}", "tests")
    await database.start()
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield database
    await database.stop()


def message(number: int) -> Message:
    return Message("told", str(number).encode(), b"key", [("ce_id", b"x"), ("odd", b"\xff\x00")])


async def store(database: Database, outbox: Outbox, *numbers: int) -> None:
    async with database.session(EVERY_TENANT) as session:
        await outbox.add(session, [message(number) for number in numbers])


async def told(log: EmbeddedLog) -> list[int]:
    end = (await log.end_offsets("told"))[0]
    batches = [batch async for batch in log.read(TopicPartition("told", 0), 0, end)]
    return [int(record.value or b"") for batch in batches for record in batch.records]


async def test_what_was_committed_is_published_once_in_order_with_its_headers(
    log: FailingLog, database: Database
) -> None:
    outbox = Outbox(database, log, TABLE)
    await store(database, outbox, *range(250))
    await outbox.publish()
    await outbox.publish()
    assert await told(log) == list(range(250))
    [batch] = [batch async for batch in log.read(TopicPartition("told", 0), 0, 1)]
    assert list(batch.records[0].headers) == [("ce_id", b"x"), ("odd", b"\xff\x00")]


async def test_what_was_rolled_back_is_never_told(log: FailingLog, database: Database) -> None:
    outbox = Outbox(database, log, TABLE)

    async def fail_half_way() -> None:
        async with database.session(EVERY_TENANT) as session:
            await outbox.add(session, [message(1)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_half_way()
    await outbox.publish()
    assert await told(log) == []


async def test_what_a_dead_process_left_behind_is_told_at_the_next_start(
    log: FailingLog, database: Database
) -> None:
    await store(database, Outbox(database, log, TABLE), 1, 2)
    heir = Outbox(database, log, TABLE)
    await heir.start()
    await heir.stop()
    assert await told(log) == [1, 2]


async def test_while_the_log_is_down_events_wait_and_go_out_when_it_is_back(
    log: FailingLog, database: Database
) -> None:
    outbox = Outbox(database, log, TABLE)
    await outbox.start()
    log.down = True
    await store(database, outbox, 7)
    await outbox.publish()
    log.down = False
    async with asyncio.timeout(10):
        while not await told(log):
            await asyncio.sleep(0.05)
    await outbox.stop()
    assert await told(log) == [7]
