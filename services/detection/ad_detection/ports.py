"""What detection needs of the outside."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from ad_chassis.eventlog.port import Message
from ad_contracts.events import AnomalyDetected
from ad_detection.domain.control import Control
from ad_detection.domain.results import Results
from ad_detectors.model import Model


class ModelUnusable(Exception):
    """A model that is not there, or must not be used; trying again will not help."""


class Page(NamedTuple):
    """Anomalies, newest first, and where the next page starts."""

    items: list[AnomalyDetected]
    next_cursor: str | None


class AnomalyQuery(NamedTuple):
    """Which anomalies to list; None lets everything through. Times are milliseconds since the epoch."""

    stream: str | None = None
    entity: str | None = None
    severities: tuple[str, ...] = ()
    from_ms: int | None = None
    to_ms: int | None = None
    limit: int = 50
    cursor: str | None = None


class ControlSource(Protocol):
    """The rules in force, as far as the control topics were read."""

    @property
    def control(self) -> Control: ...
    async def caught_up(self) -> Control:
        """The rules after everything that stood in the control topics when this was asked."""


class OutputEncoder(Protocol):
    def messages(self, results: Results, traceparent: str | None = None) -> list[Message]:
        """Every message that a batch leads to, in the order of its records."""


class ScorePages(Protocol):
    async def page(
        self, tenant: str, stream: str, limit: int, cursor: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Scores of a stream, oldest first, and the cursor of the next page."""


class AnomalyStore(Protocol):
    async def save(self, anomalies: Sequence[AnomalyDetected]) -> None:
        """Upserts by id, so that saving twice changes nothing."""

    async def get(self, tenant: str, anomaly_id: str) -> AnomalyDetected | None: ...
    async def find(self, tenant: str, query: AnomalyQuery) -> Page: ...


class ModelSource(Protocol):
    async def load(self, tenant: str, name: str, version: int) -> Model:
        """The verified model. Raises `ModelUnusable`, or `Unavailable` when it may be there later."""


class Readiness(Protocol):
    async def ready(self, algorithm: str) -> None:
        """Returns when nothing has to be compiled for it. Raises `Unavailable` while that takes long."""


class SnapshotStore(Protocol):
    async def put(self, key: str, data: bytes) -> None: ...
    async def get(self, key: str) -> bytes: ...
    async def delete(self, key: str) -> None: ...
