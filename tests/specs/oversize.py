"""What the run loop promises where outputs are larger than the log takes."""

import uuid
from contextlib import AsyncExitStack

from ad_chassis.eventlog.handler import Outcome
from ad_chassis.eventlog.oversize import KEPT_BYTES
from ad_chassis.eventlog.port import Batch, Committed, EventLog, Message, Record, TopicPartition
from ad_chassis.eventlog.runloop import RunLoop
from tests.specs.event_log_case import EventLogCase, eventually, messages, shown, take, values
from tests.specs.run_loop import QUICK

TOO_LARGE = b"x" * ((16 << 20) + 1)


class Growing:
    """Counts the records of a partition into its metadata; one that is big leads to more than the log takes."""

    def __init__(self, out: str, big: bytes = TOO_LARGE) -> None:
        self.out, self.big = out, big
        self.counts: dict[int, int] = {}
        self.handed: list[int] = []

    async def on_assigned(self, source: TopicPartition, committed: Committed | None) -> None:
        self.counts[source.partition] = int(committed.metadata) if committed else 0

    async def on_revoked(self, source: TopicPartition) -> None:
        del self.counts[source.partition]

    async def handle(self, batch: Batch) -> Outcome:
        partition, outputs = batch.source.partition, []
        self.handed.append(len(batch.records))
        for value in values([batch]):
            self.counts[partition] += 1
            told = f"{value}{self.counts[partition]}".encode()
            outputs.append(Message(self.out, self.big if value.startswith("big") else told, partition=0))
        return Outcome(outputs, str(self.counts[partition]))


class OversizeSpec(EventLogCase):
    async def run(
        self, stack: AsyncExitStack, log: EventLog, topic: str, handler: Growing, dead: str
    ) -> RunLoop:
        def letter(source: TopicPartition, record: Record, reason: str) -> Message:
            return Message(dead, record.value, headers=(("reason", reason.encode()),), partition=0)

        loop = RunLoop(log, uuid.uuid4().hex, [topic], handler, QUICK, dead_letter=letter)
        await loop.start()
        stack.push_async_callback(loop.stop)
        return loop

    async def letters(self, stack: AsyncExitStack, log: EventLog, topic: str, count: int) -> list[Record]:
        reader = log.reader([topic])
        await reader.start()
        stack.push_async_callback(reader.stop)
        return [record for batch in await take(reader, count) for record in batch.records]

    async def test_a_record_whose_output_is_too_large_is_set_aside_and_the_rest_goes_on_as_without_it(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out, dead = await self.topic(log), await self.topic(log), await self.topic(log)
        await log.publish(messages(topic, [*"abcde", "big", *"fgh"]))
        handler = Growing(out)
        loop = await self.run(stack, log, topic, handler, dead)
        assert await shown(log, out, 8) == ["a1", "b2", "c3", "d4", "e5", "f6", "g7", "h8"]
        [record] = await self.letters(stack, log, dead, 1)
        assert record.value == b"big"
        reason = dict(record.headers)["reason"].decode()
        assert reason.startswith("what it leads to is too large for the log: a message for"), reason
        await loop.check()

    async def test_after_records_that_were_too_large_as_many_are_handled_at_a_time_as_before(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out, dead = await self.topic(log), await self.topic(log), await self.topic(log)
        await log.publish(messages(topic, ["big-1", *"abcdefg", "big-2", "big-3"]))
        handler = Growing(out)
        await self.run(stack, log, topic, handler, dead)
        assert len(await shown(log, out, 7)) == 7
        assert [record.value for record in await self.letters(stack, log, dead, 3)] == [
            b"big-1",
            b"big-2",
            b"big-3",
        ]
        # The poll that waits already asks for few.
        await log.publish(messages(topic, "h"))
        await eventually(lambda: handler.counts == {0: 8})
        handler.handed.clear()
        await log.publish(messages(topic, "0123456789"))
        assert len(await shown(log, out, 18)) == 18
        assert handler.handed == [10]

    async def test_a_record_that_is_too_large_for_a_dead_letter_goes_there_with_its_beginning(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out, dead = await self.topic(log), await self.topic(log), await self.topic(log)
        beyond = Message(topic, b"big" + bytes(300_000), partition=0)
        await log.publish([*messages(topic, "a"), beyond, *messages(topic, "b")])
        handler = Growing(out)

        def letter(source: TopicPartition, record: Record, reason: str) -> Message:
            padding = (16 << 20) - 200_000 if len(record.value or b"") > KEPT_BYTES else 0
            value = (record.value or b"") + bytes(padding)
            return Message(dead, value, headers=(("reason", reason.encode()),), partition=0)

        loop = RunLoop(log, uuid.uuid4().hex, [topic], handler, QUICK, dead_letter=letter)
        await loop.start()
        stack.push_async_callback(loop.stop)
        assert await shown(log, out, 2) == ["a1", "b2"]
        [record] = await self.letters(stack, log, dead, 1)
        assert record.value == b"big" + bytes(KEPT_BYTES - 3)
        reason = dict(record.headers)["reason"].decode()
        assert reason.endswith("(of its 300,003 bytes the first 262,144 are kept here)"), reason

    async def test_another_partition_goes_on_while_one_looks_for_the_record_that_is_to_blame(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out, dead = await self.topic(log, 2), await self.topic(log), await self.topic(log)
        handler = Growing(out)
        await self.run(stack, log, topic, handler, dead)
        await eventually(lambda: len(handler.counts) == 2)
        await log.publish(messages(topic, [*"abc", "big"], 0) + messages(topic, "stuvwxyz", 1))
        found = await shown(log, out, 11)
        assert [value for value in found if value < "d"] == ["a1", "b2", "c3"]
        assert [value for value in found if value > "r"] == [f"{v}{n}" for n, v in enumerate("stuvwxyz", 1)]
