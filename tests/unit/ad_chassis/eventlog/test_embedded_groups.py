"""The state machine of every event log, on the embedded one."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

from ad_chassis.eventlog.embedded import EmbeddedLog
from ad_chassis.eventlog.embedded_consumer import EmbeddedConsumer
from tests.specs.event_log_machine import LogMachine


class EmbeddedMachine(LogMachine):
    log: EmbeddedLog

    def new_log(self) -> EmbeddedLog:
        self.folder = tempfile.TemporaryDirectory()
        return EmbeddedLog(Path(self.folder.name) / "log.sqlite", lease_seconds=60.0)

    async def expire(self, member: EmbeddedConsumer) -> None:
        expire = "UPDATE members SET expires_ms = 0 WHERE member = ?"
        await self.log._file.write(lambda db: db.execute(expire, (member._member.name,)))

    async def settled(self, member: EmbeddedConsumer) -> None:
        await member._heartbeat()
        opening = [held.task for held in member._assignment.held.values() if held.task]
        if opening:
            await asyncio.wait(opening)

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


TestEmbeddedMachine = EmbeddedMachine.TestCase
TestEmbeddedMachine.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
