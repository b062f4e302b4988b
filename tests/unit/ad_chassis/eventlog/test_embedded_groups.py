"""The embedded log against a plain model: whatever happens in whatever order, each record counts once."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ad_chassis.eventlog.embedded import EmbeddedLog
from ad_chassis.eventlog.embedded_consumer import EmbeddedConsumer
from ad_chassis.eventlog.errors import Fenced
from ad_chassis.eventlog.port import Batch, TopicConfig
from tests.specs.event_log_case import Listener, messages, values

PARTITIONS = 2


class LogMachine(RuleBasedStateMachine):
    """Members join, poll, commit, are frozen, leave; the model is one list per partition and one offset."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.log = EmbeddedLog(Path(self.folder.name) / "log.sqlite", lease_seconds=60.0)
        self.members: dict[int, EmbeddedConsumer] = {}
        self.in_hand: dict[int, list[Batch]] = {}
        self.stored: list[list[str]] = [[] for _ in range(PARTITIONS)]
        self.done: list[list[str]] = [[] for _ in range(PARTITIONS)]
        self.names = 0

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    @initialize()
    def open(self) -> None:
        self.run(self.log.start())
        self.run(self.log.create_topics({"in": TopicConfig(PARTITIONS), "out": TopicConfig(PARTITIONS)}))

    @rule(partition=st.integers(0, PARTITIONS - 1), count=st.integers(1, 4))
    def produce(self, partition: int, count: int) -> None:
        new = [f"{self.names + number}" for number in range(count)]
        self.names += count
        self.run(self.log.publish(messages("in", new, partition)))
        self.stored[partition] += new

    @precondition(lambda self: len(self.members) < 3)
    @rule()
    def join(self) -> None:
        name = max(self.members, default=0) + 1
        member = self.log.consumer("g", ["in"], Listener())
        self.members[name], self.in_hand[name] = member, []
        self.run(member.start())

    @precondition(lambda self: self.members)
    @rule(pick=st.integers(0, 2), most=st.integers(1, 5))
    def poll(self, pick: int, most: int) -> None:
        name = self.picked(pick)
        self.run(self.settled(self.members[name]))
        self.in_hand[name] += self.run(self.members[name].poll(most, 0))

    @precondition(lambda self: self.members)
    @rule(pick=st.integers(0, 2))
    def commit(self, pick: int) -> None:
        name = self.picked(pick)
        if not self.in_hand[name]:
            return
        batch = self.in_hand[name].pop(0)
        partition = batch.source.partition
        outputs = messages("out", values([batch]), partition)
        try:
            self.run(self.members[name].commit(batch, outputs, str(batch.next_offset)))
        except Fenced:
            self.run(self.members[name].rewind(batch.source))
        else:
            self.done[partition] += values([batch])

    @precondition(lambda self: self.members)
    @rule(pick=st.integers(0, 2))
    def rewind(self, pick: int) -> None:
        member = self.members[self.picked(pick)]
        for source in member.assignment():
            self.run(member.rewind(source))

    @precondition(lambda self: self.members)
    @rule(pick=st.integers(0, 2))
    def be_taken_for_dead(self, pick: int) -> None:
        """Its lease is over, and the others do not know that it still lives: its batches must be fenced."""
        member = self.members[self.picked(pick)]
        self.run(self.expire(member))
        for other in self.members.values():
            if other is not member:
                self.run(self.settled(other))

    @precondition(lambda self: self.members)
    @rule(pick=st.integers(0, 2), abruptly=st.booleans())
    def go(self, pick: int, abruptly: bool) -> None:
        """A member leaves, or crashes: others bury it once its lease is over."""
        name = self.picked(pick)
        member = self.members.pop(name)
        del self.in_hand[name]
        if abruptly:
            self.run(self.expire(member))
        self.run(member.stop())

    def picked(self, pick: int) -> int:
        names = sorted(self.members)
        return names[pick % len(names)]

    async def expire(self, member: EmbeddedConsumer) -> None:
        expire = "UPDATE members SET expires_ms = 0 WHERE member = ?"
        await self.log._file.write(lambda db: db.execute(expire, (member._member.name,)))

    async def settled(self, member: EmbeddedConsumer) -> None:
        """After a heartbeat, with every partition that is its own opened."""
        await member._heartbeat()
        opening = [held.task for held in member._assignment.held.values() if held.task]
        if opening:
            await asyncio.wait(opening)

    @invariant()
    def outputs_are_the_records_once_and_in_order(self) -> None:
        for partition in range(PARTITIONS):
            assert self.done[partition] == self.stored[partition][: len(self.done[partition])]

    def teardown(self) -> None:
        for member in self.members.values():
            self.run(member.stop())
        for partition in range(PARTITIONS):
            assert self.run(self._outputs(partition)) == self.done[partition]
        self.run(self.log.stop())
        self.runner.close()
        self.folder.cleanup()

    async def _outputs(self, partition: int) -> list[str]:
        reader = self.log.reader(["out"])
        await reader.start()
        found = await reader.poll(10_000, 0)
        await reader.stop()
        return values([batch for batch in found if batch.source.partition == partition])


TestLogMachine = LogMachine.TestCase
TestLogMachine.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
