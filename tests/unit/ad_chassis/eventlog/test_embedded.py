"""The embedded log keeps the promises of every event log."""

from pathlib import Path

import pytest

from ad_chassis.eventlog.embedded import EmbeddedLog
from ad_chassis.eventlog.embedded_consumer import EmbeddedConsumer
from ad_chassis.eventlog.port import Consumer, EventLog
from tests.specs.ages import AgeSpec
from tests.specs.event_log import EventLogSpec
from tests.specs.event_log_case import EventLogCase
from tests.specs.oversize import OversizeSpec
from tests.specs.run_loop import RunLoopSpec


class Embedded(EventLogCase):
    @pytest.fixture(autouse=True)
    def _path(self, tmp_path: Path) -> None:
        self.path = tmp_path / "log.sqlite"

    async def connect(self) -> EventLog:
        return EmbeddedLog(self.path, lease_seconds=1.0)

    def freeze(self, consumer: Consumer) -> None:
        assert isinstance(consumer, EmbeddedConsumer)

        async def no_heartbeat() -> None:
            """The member believes that all is well."""

        consumer._heartbeat = no_heartbeat  # type: ignore[method-assign] # this is the fault we inject


class TestEmbeddedLog(Embedded, EventLogSpec):
    """See the specification."""


class TestRunLoopOnEmbeddedLog(Embedded, RunLoopSpec):
    """See the specification."""


class TestAgesOnEmbeddedLog(Embedded, AgeSpec):
    """See the specification."""


class TestOversizeOnEmbeddedLog(Embedded, OversizeSpec):
    """See the specification."""
