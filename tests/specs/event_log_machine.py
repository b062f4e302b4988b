"""An event log against a plain model: whatever happens in whatever order, each record counts once."""

import asyncio
from typing import Any, ClassVar, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ad_chassis.eventlog.errors import Fenced, LogError
from ad_chassis.eventlog.port import Batch, Committed, EventLog, TopicConfig, TopicPartition
from tests.specs.event_log_case import Listener, messages, values

PARTITIONS = 2
AT_FIRST = 12


class Joined(NamedTuple):
    member: Any
    listener: Listener
    in_hand: list[Batch]


class LogMachine(RuleBasedStateMachine):
    """Members join, poll, commit, are frozen, leave; the model is one list per partition and one offset.

    The adapter's own test says how to open a log, how a member is taken for dead, and when it has settled.
    """

    poll_seconds: ClassVar[float] = 0.0
    log: EventLog
    records, out, group = "in", "out", "g"

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.members: dict[int, Joined] = {}
        self.stored: list[list[str]] = [[] for _ in range(PARTITIONS)]
        self.done: list[list[str]] = [[] for _ in range(PARTITIONS)]
        self.names = 0

    def new_log(self) -> EventLog:
        raise AssertionError("the adapter's own test says how to open a log")

    async def expire(self, member: Any) -> None:
        """The others take it for dead, and it does not know before it settles."""
        raise AssertionError("the adapter's own test says how")

    async def settled(self, member: Any) -> None:
        """With every partition that is its own opened."""
        raise AssertionError("the adapter's own test says how")

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    @initialize()
    def open(self) -> None:
        self.log = self.new_log()
        self.run(self.log.start())
        topics = {self.records: TopicConfig(PARTITIONS), self.out: TopicConfig(PARTITIONS)}
        self.run(self.log.create_topics(topics))
        for partition in range(PARTITIONS):
            self.produce(partition, AT_FIRST)

    @rule(partition=st.integers(0, PARTITIONS - 1), count=st.integers(1, 4))
    def produce(self, partition: int, count: int) -> None:
        new = [f"{self.names + number}" for number in range(count)]
        self.names += count
        self.run(self.log.publish(messages(self.records, new, partition)))
        self.stored[partition] += new

    @precondition(lambda self: len(self.members) < 3)
    @rule()
    def join(self) -> None:
        listener, name = Listener(), max(self.members, default=0) + 1
        member = self.log.consumer(self.group, [self.records], listener)
        self.members[name] = Joined(member, listener, [])
        self.run(member.start())

    @precondition(lambda self: self.members)
    @rule(pick=st.integers(0, 2), most=st.integers(1, 5))
    def poll(self, pick: int, most: int) -> None:
        joined = self.members[self.picked(pick)]
        self.run(self.settled(joined.member))
        joined.in_hand.extend(self.run(joined.member.poll(most, self.poll_seconds)))

    # What is in hand depends on the clock: no precondition may, or the same choices would be other rules.
    @rule(pick=st.integers(0, 2))
    def commit(self, pick: int) -> None:
        able = [joined for joined in self.members.values() if joined.in_hand]
        if able:
            self._commit_next(able[pick % len(able)])

    def _commit_next(self, joined: Joined) -> None:
        batch = joined.in_hand.pop(0)
        partition = batch.source.partition
        outputs = messages(self.out, values([batch]), partition)
        try:
            self.run(joined.member.commit(batch, outputs, str(batch.next_offset)))
        except Fenced:
            self.run(joined.member.rewind(batch.source))
        except LogError:
            self.run(joined.member.rewind(batch.source))
            self._ask_what_became_of(batch, joined.listener)
        else:
            self.done[partition] += values([batch])

    def _ask_what_became_of(self, batch: Batch, listener: Listener) -> None:
        """Of a commit that failed in an unknown way, only the log can tell whether it took place."""
        told: dict[TopicPartition, Committed | None] = dict(listener.assigned)
        committed = told.get(batch.source)
        if committed is not None and committed.offset == batch.next_offset:
            self.done[batch.source.partition] += values([batch])

    @precondition(lambda self: self.members)
    @rule(pick=st.integers(0, 2))
    def rewind(self, pick: int) -> None:
        member = self.members[self.picked(pick)].member
        for source in member.assignment():
            self.run(member.rewind(source))

    @precondition(lambda self: self.members)
    @rule(pick=st.integers(0, 2), most=st.integers(1, 5))
    def be_taken_for_dead(self, pick: int, most: int) -> None:
        """Others get its partitions while it still lives: its batches must be fenced."""
        name = self.picked(pick)
        late = self.members[name]
        self.run(self.expire(late.member))
        for other, joined in self.members.items():
            if other != name:
                self.run(self.settled(joined.member))
                joined.in_hand.extend(self.run(joined.member.poll(most, self.poll_seconds)))
        while late.in_hand:
            self._commit_next(late)

    @precondition(lambda self: self.members)
    @rule(pick=st.integers(0, 2), abruptly=st.booleans())
    def go(self, pick: int, abruptly: bool) -> None:
        """A member leaves, or crashes: others bury it once its lease is over."""
        gone = self.members.pop(self.picked(pick)).member
        if abruptly:
            self.run(self.expire(gone))
        self.run(gone.stop())

    def picked(self, pick: int) -> int:
        names = sorted(self.members)
        return names[pick % len(names)]

    @invariant()
    def outputs_are_the_records_once_and_in_order(self) -> None:
        for partition in range(PARTITIONS):
            assert self.done[partition] == self.stored[partition][: len(self.done[partition])]

    def teardown(self) -> None:
        for joined in self.members.values():
            self.run(joined.member.stop())
        for partition in range(PARTITIONS):
            assert self.run(self._outputs(partition)) == self.done[partition]
        self.run(self.log.stop())
        self.runner.close()

    async def _outputs(self, partition: int) -> list[str]:
        """All that anybody can read; Kafka shows a commit some milliseconds after it returned."""
        found: list[str] = []
        source = TopicPartition(self.out, partition)
        for _ in range(100):
            end = (await self.log.end_offsets(self.out))[partition]
            found = values([batch async for batch in self.log.read(source, 0, end)])
            if len(found) >= len(self.done[partition]):
                break
            await asyncio.sleep(0.02)
        return found
