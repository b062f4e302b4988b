"""What the platform asks of an event log. Both adapters pass the same specification (tests/specs)."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

Headers = Sequence[tuple[str, bytes]]
Start = Literal["earliest", "latest"]
Delivery = Literal["exactly_once", "at_least_once"]
"""How a commit stores outputs and offset: together; or the outputs first, which is sooner, and again after a crash."""


class TopicPartition(NamedTuple):
    topic: str
    partition: int


class Record(Protocol):
    """A stored message. aiokafka's own record fits, so none is built on the hot path."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Headers: ...


@dataclass(frozen=True, slots=True)
class Message:
    """A message on its way into the log. Without a partition the key decides (murmur2, as in Kafka)."""

    topic: str
    value: bytes | None
    key: bytes | None = None
    headers: Headers = ()
    partition: int | None = None
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one partition, never empty, in ascending order of offset."""

    source: TopicPartition
    records: Sequence[Record]

    @property
    def first_offset(self) -> int:
        return self.records[0].offset

    @property
    def next_offset(self) -> int:
        """The offset that a commit of this batch stores: the first one not handled yet."""
        return self.records[-1].offset + 1


@dataclass(frozen=True, slots=True)
class Committed:
    """What a group has finished: the next offset to handle, and the note stored with it."""

    offset: int
    metadata: str = ""


@dataclass(frozen=True, slots=True)
class TopicConfig:
    partitions: int
    retention_hours: float | None = None
    compacted: bool = False


class AssignmentListener(Protocol):
    """Told when partitions come and go. Nothing of a partition is polled before `on_assigned` returned."""

    async def on_assigned(self, source: TopicPartition, committed: Committed | None) -> None: ...
    async def on_revoked(self, source: TopicPartition) -> None: ...


class Consumer(Protocol):
    """A member of a consumer group whose every commit is one transaction, unless it delivers at least once."""

    async def start(self) -> None: ...
    async def stop(self) -> None:
        """Leaves the group at once, so that its partitions move on without a time-out.

        A static member of a Kafka group stays in it: it keeps its partitions when it is back within its session.
        """

    async def subscribe(self, topics: Collection[str]) -> None:
        """Replaces the topics. One that does not exist yet is followed as soon as it does."""

    async def poll(self, max_records: int, timeout_seconds: float) -> list[Batch]:
        """At most one batch per assigned partition that is not paused; empty when nothing came in time."""

    async def commit(self, batch: Batch, outputs: Sequence[Message], metadata: str = "") -> None:
        """Outputs, offset and metadata become visible together or not at all.

        The batches of the partition that were polled before are finished with it: their outputs, if they have any,
        must be committed before.

        Where delivery is at least once, the outputs are seen at once, and stay when the offset is not stored.

        Raises `Fenced` when the batch is not this member's to commit any more; `Transient` when the log did
        not take it: after `rewind` the batch is polled again; `CommitFailed` when it never will.
        """

    async def rewind(self, source: TopicPartition) -> None:
        """Starts the partition again from what is committed, through `on_assigned`."""

    def pause(self, source: TopicPartition) -> None: ...
    def resume(self, source: TopicPartition) -> None: ...
    def assignment(self) -> frozenset[TopicPartition]: ...
    async def lag(self) -> dict[TopicPartition, int]:
        """Records of the assigned partitions that are stored and not yet polled."""

    async def oldest_waiting_ms(self) -> dict[TopicPartition, int]:
        """When the oldest record was stored that is not yet polled, of those partitions where one is known to wait."""

    def send_seconds(self, source: TopicPartition) -> float:
        """How long the outputs of its last commit took to be stored; 0 where that is no step of its own."""


class Reader(Protocol):
    """Follows all partitions of some topics without a group and without committing anything."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def poll(self, max_records: int, timeout_seconds: float) -> list[Batch]: ...
    def positions(self) -> dict[TopicPartition, int]:
        """The next offset of every partition."""

    async def caught_up(self) -> bool:
        """Whether everything that was committed to the log before this call has been polled."""


class EventLog(Protocol):
    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    async def check(self) -> None:
        """Raises when the log does not answer."""

    async def create_topics(self, topics: Mapping[str, TopicConfig]) -> None:
        """Creates those that are missing; the partitions of an existing topic never change."""

    async def erase_topics(self, names: Collection[str]) -> None:
        """Forgets all that topics hold, and where the log can, the topics; one that is not there is no error."""

    async def topics(self) -> dict[str, int]:
        """Names and numbers of partitions."""

    async def publish(self, messages: Sequence[Message]) -> list[tuple[TopicPartition, int]]:
        """Stores messages durably, in order per partition, and returns where they stand."""

    async def end_offsets(self, topic: str) -> dict[int, int]:
        """Per partition, the offset that the next message will get."""

    async def begin_offsets(self, topic: str) -> dict[int, int]:
        """Per partition, the oldest offset that is still kept."""

    def read(self, source: TopicPartition, start: int, stop: int) -> AsyncIterator[Batch]:
        """The committed records with start ≤ offset < stop, then the end."""

    def consumer(
        self,
        group: str,
        topics: Collection[str],
        listener: AssignmentListener,
        start: Start = "earliest",
        delivery: Delivery = "exactly_once",
    ) -> Consumer: ...

    def reader(
        self, topics: Collection[str], start: Start | Mapping[TopicPartition, int] = "earliest"
    ) -> Reader: ...
