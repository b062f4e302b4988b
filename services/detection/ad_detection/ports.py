"""What detection needs of the outside."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ad_contracts.events import AnomalyDetected
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


class AnomalyStore(Protocol):
    async def save(self, anomalies: Sequence[AnomalyDetected]) -> None:
        """Upserts by id, so that saving twice changes nothing."""

    async def get(self, tenant: str, anomaly_id: str) -> AnomalyDetected | None: ...
    async def find(self, tenant: str, query: AnomalyQuery) -> Page: ...


class ModelSource(Protocol):
    async def load(self, tenant: str, name: str, version: int) -> Model:
        """The verified model. Raises `ModelUnusable`, or `Unavailable` when it may be there later."""


class SnapshotStore(Protocol):
    async def put(self, key: str, data: bytes) -> None: ...
    async def get(self, key: str) -> bytes: ...
    async def delete(self, key: str) -> None: ...
