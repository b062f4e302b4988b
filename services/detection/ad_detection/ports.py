"""What detection needs of the outside."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ad_chassis.eventlog.port import Message
from ad_contracts.events import AnomalyDetected
from ad_detection.domain.chunks import Chunk
from ad_detection.domain.comparison import HourlyCounts
from ad_detection.domain.control import Challenger, Control, StreamKey, StreamRule
from ad_detection.domain.corrections import Told
from ad_detection.domain.episode_summary import EpisodeSummary
from ad_detection.domain.listing import Changes, Listed, ListName
from ad_detection.domain.load import ToldLoad
from ad_detection.domain.replays import Publication, Replay, ReplayRequest, Span
from ad_detection.domain.results import Results
from ad_detectors.model import Model


class ModelUnusable(Exception):
    """A model that is not there, or must not be used; trying again will not help."""


class Page(NamedTuple):
    """Anomalies that a replay found, in that order, and where the next page starts."""

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
    kind: str | None = None
    episode_id: str | None = None
    superseded: bool = False
    """Also those that a correction superseded, and retractions."""
    among: frozenset[str] | None = None
    """Only those of these streams, which are all that the caller sees; None for every stream."""


class ToldPage(NamedTuple):
    """Anomalies as they are stored, newest first, and where the next page starts."""

    items: list[Told]
    next_cursor: str | None


class EpisodeQuery(NamedTuple):
    """Which episodes to list; None lets everything through. Times are milliseconds since the epoch."""

    stream: str | None = None
    entity: str | None = None
    kind: str | None = None
    severities: tuple[str, ...] = ()
    from_ms: int | None = None
    to_ms: int | None = None
    limit: int = 50
    cursor: str | None = None
    superseded: bool = False
    """Also those of which every anomaly was superseded."""
    among: frozenset[str] | None = None
    """Only those of these streams, which are all that the caller sees; None for every stream."""


class EpisodePage(NamedTuple):
    """Episodes, the one that began last first, and where the next page starts."""

    items: list[EpisodeSummary]
    next_cursor: str | None


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
        self, key: StreamKey, generation: int, limit: int, cursor: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Scores of a stream, not of others of its name; oldest first, and the cursor of the next page."""


class AnomalyStore(Protocol):
    async def save(self, anomalies: Sequence[AnomalyDetected]) -> None:
        """Saving twice changes nothing, neither the anomaly nor its episode, nor what it supersedes."""

    async def get(self, tenant: str, anomaly_id: str) -> Told | None: ...
    async def find(self, tenant: str, query: AnomalyQuery) -> ToldPage: ...
    async def of_records(self, key: StreamKey, span: Span, limit: int, cursor: str | None) -> ToldPage:
        """What was told of records of the log, in their order; superseded ones and retractions too, no silence."""


class EpisodeStore(Protocol):
    async def get(self, tenant: str, episode_id: str) -> EpisodeSummary | None: ...
    async def find(self, tenant: str, query: EpisodeQuery) -> EpisodePage: ...


class ModelSource(Protocol):
    async def load(self, tenant: str, name: str, version: int) -> Model:
        """The verified model. Raises `ModelUnusable`, or `Unavailable` when it may be there later."""


class ChallengerSource(Protocol):
    def get(self, tenant: str, challenger: Challenger) -> Model | None:
        """The verified model if it is at hand; else it is being fetched, and may be at hand later."""


class ComparisonStore(Protocol):
    """What workers counted of challengers, by the hour."""

    async def save(self, worker: str, counts: Sequence[HourlyCounts]) -> None:
        """What the worker counted so far in its hours, in place of what it said of them before."""

    async def drop(self, worker: str, streams: Sequence[StreamKey]) -> None:
        """What the worker said of these streams."""

    async def find(self, tenant: str, stream: str, from_ms: int, to_ms: int) -> list[HourlyCounts]:
        """The hours that begin in the range, and the first ones of every comparison that has hours there."""

    async def forget(self, before_ms: int) -> None: ...


class LoadStore(Protocol):
    """What workers say of the partitions of streams."""

    async def save(self, worker: str, loads: Sequence[ToldLoad]) -> None:
        """What the worker says now, in place of what it said before."""

    async def drop(self, worker: str, streams: Sequence[StreamKey]) -> None:
        """What the worker said of these streams."""

    async def find(self, tenant: str, stream: str) -> list[ToldLoad]: ...
    async def forget(self, before_ms: int) -> None: ...


class ListPage(NamedTuple):
    """Entities of a list, the one noted last first, and where the next page starts."""

    items: list[Listed]
    next_cursor: str | None


class EntityListStore(Protocol):
    """Entities that are cold, were evicted or refused: the latest of each stream."""

    async def save(self, changes: Mapping[StreamKey, Changes]) -> None:
        """Adds to what is listed; those that have warmed up are cold no longer."""

    async def drop(self, keys: Sequence[StreamKey]) -> None:
        """All that is listed of these streams."""

    async def cold(self, keys: Sequence[StreamKey]) -> dict[StreamKey, list[str]]:
        """The entities that are listed as cold, the latest at the end, of streams that have some."""

    async def page(self, key: StreamKey, name: ListName, limit: int, cursor: str | None) -> ListPage: ...
    async def forget(self, before_ms: int) -> None: ...


class GenerationStore(Protocol):
    """From which generation on streams count; what is of those before is not listed."""

    async def save(self, first: Mapping[StreamKey, int]) -> None:
        """Never goes back: a worker may hear of a stream later than another."""

    async def drop(self, keys: Sequence[StreamKey]) -> None:
        """As if these names had never been used."""


class Readiness(Protocol):
    async def ready(self, algorithm: str) -> None:
        """Returns when nothing has to be compiled for it. Raises `Unavailable` while that takes long."""


class Stored(Protocol):
    @property
    def key(self) -> str: ...


class Objects(Protocol):
    async def list(self, prefix: str) -> Sequence[Stored]: ...
    async def delete(self, key: str) -> None: ...


class SnapshotStore(Protocol):
    async def put(self, key: str, data: bytes) -> None: ...
    async def get(self, key: str) -> bytes: ...
    async def delete(self, key: str) -> None: ...


class RecordSource(Protocol):
    """Records of the past: of the log or of the lake."""

    def chunks(self, rule: StreamRule, request: ReplayRequest) -> AsyncGenerator[Chunk, None]:
        """The records of a stream, those of a partition in their order, first those that are only learnt from."""


class FindingStore(Protocol):
    """The anomalies that replays found, by configuration, in the order in which they were found."""

    async def put(
        self, replay: Replay, name: str, part: int, anomalies: Sequence[AnomalyDetected]
    ) -> None: ...
    async def page(self, replay: Replay, name: str, limit: int, cursor: str | None) -> Page: ...
    async def remove(self, tenant: str, replay_id: str) -> None: ...


class ReplayStore(Protocol):
    async def add(self, replay: Replay) -> None: ...
    async def get(self, tenant: str, replay_id: str) -> Replay | None: ...
    async def page(
        self,
        tenant: str,
        stream: str | None,
        limit: int,
        cursor: str | None,
        among: frozenset[str] | None = None,
    ) -> tuple[list[Replay], str | None]:
        """Newest first, and the cursor of the next page; only those of streams among these, unless None."""

    async def change(self, tenant: str, replay_id: str, **changes: Any) -> bool:
        """False, and nothing changed, when the replay has ended or is gone."""

    async def publish(self, tenant: str, replay_id: str, publication: Publication) -> bool:
        """Notes how far the publication of a replay is; False when the replay is gone."""

    async def beat(self, owner: str, now_ms: int) -> None:
        """Says that the process with these replays lives."""

    async def interrupt(
        self, now_ms: int, *, silent_since_ms: int | None = None, owner: str = ""
    ) -> list[Replay]:
        """Ends the replays of processes that gave no sign since then, or of one owner; those that it ended."""

    async def remove(self, tenant: str, replay_id: str) -> None: ...
