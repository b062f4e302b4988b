"""What an event log promises. Every adapter inherits these tests."""

import asyncio
import uuid
from contextlib import AsyncExitStack

import pytest

from ad_chassis.eventlog.errors import CommitFailed, Fenced
from ad_chassis.eventlog.port import EventLog, Message, TopicConfig, TopicPartition
from ad_contracts.partitioning import partition_for
from tests.specs.event_log_case import (
    EventLogCase,
    Listener,
    eventually,
    everything,
    messages,
    offsets,
    shown,
    take,
    values,
)

TOO_LARGE = b"x" * ((16 << 20) + 1)


class EventLogSpec(EventLogCase):
    async def test_offsets_are_dense_and_records_keep_their_order(self, log: EventLog) -> None:
        topic = await self.topic(log)
        first = await log.publish(messages(topic, "abc"))
        second = await log.publish(messages(topic, "de"))
        assert offsets(first + second) == [0, 1, 2, 3, 4]
        assert await everything(log, topic) == list("abcde")

    async def test_the_same_key_goes_to_the_partition_every_client_computes(self, log: EventLog) -> None:
        topic = await self.topic(log, partitions=3)
        keys = [f"key-{number}".encode() for number in range(20)]
        places = await log.publish([Message(topic, b"v", key=key) for key in keys])
        assert [source.partition for source, _ in places] == [partition_for(key, 3) for key in keys]

    async def test_headers_keys_times_and_null_values_come_back_as_they_were(self, log: EventLog) -> None:
        topic = await self.topic(log)
        sent = [
            Message(topic, b"v", b"k", (("ce_id", b"1"), ("empty", b"")), 0, 1_700_000_000_000),
            Message(topic, None, b"gone", partition=0),
        ]
        await log.publish(sent)
        [batch] = [batch async for batch in log.read(TopicPartition(topic, 0), 0, 2)]
        one, two = batch.records
        assert (one.value, one.key, one.timestamp) == (b"v", b"k", 1_700_000_000_000)
        assert list(one.headers) == [("ce_id", b"1"), ("empty", b"")]
        assert (two.value, two.key, list(two.headers)) == (None, b"gone", [])

    async def test_a_message_of_a_megabyte_goes_through(self, log: EventLog) -> None:
        topic = await self.topic(log)
        large = bytes(range(256)) * 5000
        await log.publish([Message(topic, large, partition=0), Message(topic, b"small", partition=0)])
        reader = log.reader([topic])
        await reader.start()
        batches = await take(reader, 2)
        await reader.stop()
        assert [record.value for batch in batches for record in batch.records] == [large, b"small"]

    async def test_publishing_to_a_missing_topic_says_so(self, log: EventLog) -> None:
        with pytest.raises(CommitFailed, match="no topic nowhere"):
            await log.publish([Message("nowhere", b"v")])

    async def test_topics_are_listed_and_never_change(self, log: EventLog) -> None:
        topic = await self.topic(log, partitions=3)
        await log.create_topics({topic: TopicConfig(7)})
        assert (await log.topics())[topic] == 3
        await log.check()

    async def test_read_gives_the_range_asked_for(self, log: EventLog) -> None:
        topic = await self.topic(log)
        await log.publish(messages(topic, "abcdef"))
        batches = [batch async for batch in log.read(TopicPartition(topic, 0), 2, 5)]
        beyond = [batch async for batch in log.read(TopicPartition(topic, 0), 4, 99)]
        assert values(batches) == list("cde")
        assert values(beyond) == list("ef")

    async def test_begin_and_end_offsets(self, log: EventLog) -> None:
        topic = await self.topic(log, partitions=2)
        await log.publish(messages(topic, "abc", partition=1))
        assert await log.begin_offsets(topic) == {0: 0, 1: 0}
        assert await log.end_offsets(topic) == {0: 0, 1: 3}

    async def test_what_is_not_committed_comes_again(self, log: EventLog, stack: AsyncExitStack) -> None:
        topic, group = await self.topic(log), uuid.uuid4().hex
        await log.publish(messages(topic, "abcd"))
        first = await self.member(stack, log, group, topic)
        [batch] = await take(first, 2, max_records=2)
        await first.commit(batch, [], "at two")
        assert values(await take(first, 2)) == ["c", "d"]
        await first.stop()
        listener = Listener()
        second = await self.member(stack, await self.another(stack), group, topic, listener)
        assert values(await take(second, 2)) == ["c", "d"]
        [(_, committed)] = listener.assigned
        assert committed is not None
        assert (committed.offset, committed.metadata) == (2, "at two")

    async def test_outputs_offset_and_metadata_are_stored_together(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out = await self.topic(log), await self.topic(log)
        await log.publish(messages(topic, "ab"))
        listener = Listener()
        member = await self.member(stack, log, uuid.uuid4().hex, topic, listener)
        [batch] = await take(member, 2)
        await member.commit(batch, messages(out, "AB"), "state-1")
        await member.rewind(batch.source)
        assert [getattr(committed, "metadata", None) for _, committed in listener.assigned] == [
            None,
            "state-1",
        ]
        assert await shown(log, out, 2) == ["A", "B"]

    async def test_nothing_of_a_failed_commit_is_ever_seen(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out = await self.topic(log), await self.topic(log)
        await log.publish(messages(topic, "ab"))
        reader = log.reader([out])
        await reader.start()
        stack.push_async_callback(reader.stop)
        member = await self.member(stack, log, uuid.uuid4().hex, topic)
        [batch] = await take(member, 2)
        with pytest.raises(CommitFailed, match="bytes"):
            await member.commit(batch, [*messages(out, "AB"), Message(out, TOO_LARGE, partition=0)])
        await member.rewind(batch.source)
        [again] = await take(member, 2)
        await member.commit(again, messages(out, "CD"))
        assert values(await take(reader, 2)) == ["C", "D"]
        assert await shown(log, out, 2) == ["C", "D"]

    async def test_rewind_gives_the_uncommitted_records_again(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic = await self.topic(log)
        await log.publish(messages(topic, "abc"))
        member = await self.member(stack, log, uuid.uuid4().hex, topic)
        [batch] = await take(member, 3)
        await member.rewind(batch.source)
        [again] = await take(member, 3)
        assert values([again]) == list("abc")
        await member.commit(again, [])
        with pytest.raises(Fenced, match="before a hand-over"):
            await member.commit(batch, [])

    async def test_a_former_owner_is_fenced_and_its_outputs_are_not_seen(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out, group = await self.topic(log), await self.topic(log), uuid.uuid4().hex
        await log.publish(messages(topic, "abc"))
        zombie = await self.member(stack, log, group, topic)
        [late] = await take(zombie, 3)
        self.freeze(zombie)
        heir = await self.member(stack, await self.another(stack), group, topic)
        [batch] = await take(heir, 3)
        with pytest.raises(Fenced):
            await zombie.commit(late, messages(out, ["zombie"]))
        await heir.commit(batch, messages(out, ["heir"]))
        assert await shown(log, out, 1) == ["heir"]

    async def test_two_members_share_the_partitions_and_handle_everything_once(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic, out, group = await self.topic(log, 4), await self.topic(log), uuid.uuid4().hex
        sent = [f"{partition}-{number}" for partition in range(4) for number in range(50)]
        for value in sent:
            await log.publish(messages(topic, [value], partition=int(value[0])))
        first = await self.member(stack, log, group, topic)
        work = [asyncio.create_task(copy_all(first, out))]
        await asyncio.sleep(0.1)
        second = await self.member(stack, await self.another(stack), group, topic)
        work.append(asyncio.create_task(copy_all(second, out)))
        await eventually(lambda: len(first.assignment()) == len(second.assignment()) == 2)
        for partition in range(4):
            await log.publish(messages(topic, [f"{partition}-new"], partition=partition))
        reader = log.reader([out])
        await reader.start()
        got = values(await take(reader, len(sent) + 4))
        await asyncio.sleep(0.2)
        got += values(await reader.poll(1000, 0.1))
        for task in work:
            task.cancel()
        await asyncio.wait(work)
        await reader.stop()
        assert sorted(got) == sorted([*sent, *(f"{partition}-new" for partition in range(4))])

    async def test_a_paused_partition_is_not_polled(self, log: EventLog, stack: AsyncExitStack) -> None:
        topic = await self.topic(log, 2)
        member = await self.member(stack, log, uuid.uuid4().hex, topic)
        await eventually(lambda: len(member.assignment()) == 2)
        await log.publish(messages(topic, "a", 0) + messages(topic, "b", 1))
        assert sorted(values(await take(member, 2))) == ["a", "b"]
        member.pause(TopicPartition(topic, 0))
        await log.publish(messages(topic, "c", 0) + messages(topic, "d", 1))
        assert values(await take(member, 1)) == ["d"]
        assert await member.poll(10, 0.1) == []
        member.resume(TopicPartition(topic, 0))
        assert values(await take(member, 1)) == ["c"]

    async def test_lag_counts_what_is_stored_and_not_polled(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic = await self.topic(log)
        await log.publish(messages(topic, "abcde"))
        member = await self.member(stack, log, uuid.uuid4().hex, topic)
        await take(member, 2, max_records=2)
        assert await member.lag() == {TopicPartition(topic, 0): 3}

    async def test_a_topic_created_later_is_followed(self, log: EventLog, stack: AsyncExitStack) -> None:
        later = f"later.{uuid.uuid4().hex[:8]}"
        member = await self.member(stack, log, uuid.uuid4().hex, later)
        reader = log.reader([later])
        await reader.start()
        stack.push_async_callback(reader.stop)
        assert await member.poll(10, 0.05) == []
        await log.create_topics({later: TopicConfig(1)})
        await log.publish(messages(later, "ab"))
        assert values(await take(reader, 2)) == ["a", "b"]
        assert values(await take(member, 2)) == ["a", "b"]

    async def test_subscribe_replaces_the_topics(self, log: EventLog, stack: AsyncExitStack) -> None:
        old, new = await self.topic(log), await self.topic(log)
        listener = Listener()
        member = await self.member(stack, log, uuid.uuid4().hex, old, listener)
        await eventually(lambda: bool(listener.assigned))
        await member.subscribe([new])
        await log.publish(messages(new, "x"))
        assert values(await take(member, 1)) == ["x"]
        assert listener.revoked == [TopicPartition(old, 0)]

    async def test_a_reader_starts_where_it_is_told_and_knows_when_it_caught_up(
        self, log: EventLog, stack: AsyncExitStack
    ) -> None:
        topic = await self.topic(log)
        source = TopicPartition(topic, 0)
        await log.publish(messages(topic, "abc"))
        for start, expected in (("earliest", "abcd"), ("latest", "d"), ({source: 2}, "cd")):
            reader = log.reader([topic], start)  # type: ignore[arg-type] # one loop over a union
            await reader.start()
            stack.push_async_callback(reader.stop)
            before = await reader.caught_up()
            assert before is (start == "latest")
            [(_, place)] = await log.publish(messages(topic, "d"))
            assert not await reader.caught_up()
            assert (
                values(await take(reader, place + 1 - {"a": 0, "d": place, "c": 2}[expected[0]]))[-1] == "d"
            )
            assert await reader.caught_up()
            assert reader.positions() == {source: place + 1}

    async def test_compaction_keeps_the_newest_of_each_key(self, log: EventLog) -> None:
        topic = await self.topic(log, compacted=True)
        sent = [("a", "1"), ("b", "2"), ("a", "3")]
        await log.publish([Message(topic, v.encode(), k.encode()) for k, v in sent])
        reader = log.reader([topic])
        await reader.start()
        newest: dict[bytes | None, bytes | None] = {}
        while not await reader.caught_up():
            for batch in await reader.poll(10, 0.2):
                newest |= {record.key: record.value for record in batch.records}
        await reader.stop()
        assert newest == {b"a": b"3", b"b": b"2"}

    async def test_what_was_erased_is_not_read_any_more_and_the_topic_can_be_made_again(
        self, log: EventLog
    ) -> None:
        topic, other = await self.topic(log, partitions=2), await self.topic(log)
        await log.publish([*messages(topic, "abc"), *messages(other, "xyz")])
        await log.erase_topics([topic, "never-made"])
        await log.erase_topics([topic])
        assert await everything(log, other) == list("xyz")
        await log.create_topics({topic: TopicConfig(2)})
        begins, ends = await log.begin_offsets(topic), await log.end_offsets(topic)
        assert begins == ends
        await log.publish([Message(topic, b"new", partition=1)])
        [batch] = [each async for each in log.read(TopicPartition(topic, 1), begins[1], begins[1] + 1)]
        assert [record.value for record in batch.records] == [b"new"]


async def copy_all(member: object, out: str) -> None:
    """A worker in a few lines: what comes in goes out, each batch in one transaction."""
    assert hasattr(member, "poll")
    assert hasattr(member, "commit")
    while True:
        for batch in await member.poll(7, 0.2):
            try:
                await member.commit(batch, messages(out, values([batch])))
            except Fenced:
                if batch.source in member.assignment():
                    await member.rewind(batch.source)
