"""What ingestion needs of the outside."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from ad_chassis.database import Scope
from ad_chassis.tenants import Quotas
from ad_ingestion.domain.batches import KeptReceipt, NewBatch, Unpublished
from ad_ingestion.domain.dead_letters import DeadLetter, DeadLetterPage, LetterGroup, LetterQuery
from ad_ingestion.domain.lake import LakeFile, RecordQuery
from ad_ingestion.domain.messages import Part
from ad_ingestion.domain.replays import ReplayMessage
from ad_ingestion.domain.reservations import Reservation
from ad_ingestion.domain.streams import Stream, StreamKey


class Transaction(Protocol):
    """Reads and writes that count together, with the events that tell of them."""

    async def stream(self, key: StreamKey) -> Stream | None:
        """Also one that was deleted."""

    async def streams(
        self, tenant: str, after: str | None, limit: int, among: frozenset[str] | None = None
    ) -> list[Stream]:
        """By name; only those among these, unless None."""

    async def tenants(self) -> set[str]: ...
    async def tenants_on(self, topic: str) -> set[str]: ...
    async def streams_in_use(self, tenant: str) -> int:
        """How many there are; nobody else adds one until the end of a transaction that writes."""

    async def reservations(self, tenant: str) -> list[Reservation]:
        """Of all its streams; nobody else adds to them until the end of a transaction that writes."""

    async def storage_in_use(self, tenant: str) -> int:
        """Bytes in the lake, likewise."""

    async def forget_streams(self, tenant: str) -> int:
        """As if they had never been, also those that were deleted; told after the commit, by `tell`."""

    async def forget_replaced_of(self, tenant: str) -> int:
        """Of files that were joined and wait to be removed."""

    async def save_stream(self, stream: Stream) -> None:
        """Stores a revision, and tells it after the commit."""

    async def is_told(self, key: StreamKey) -> bool:
        """Whether nothing about the stream waits to be published."""

    async def count_batch(self, stream: Stream, accepted: int, rejected: int) -> bool:
        """False, and nothing counted, when the stream is not at this revision any more."""

    async def add_batch(self, stream: Stream, batch: NewBatch, owner: str) -> Unpublished | None:
        """Its file and its rejections; None when nothing was accepted."""

    async def receipt(self, stream: Stream, key: str, since_ms: int) -> KeptReceipt | None: ...
    async def keep_receipt(self, stream: Stream, kept: KeptReceipt, now_ms: int) -> None: ...
    async def forget_receipts(self, before_ms: int) -> None: ...
    async def unpublished(self) -> list[Unpublished]:
        """In the order of acceptance."""

    async def claim(self, batch: Unpublished, owner: str) -> bool:
        """Takes over a batch, unless somebody else was faster."""

    async def published(self, file_ids: Sequence[int]) -> None: ...
    async def files(self, stream: Stream, query: RecordQuery) -> list[LakeFile]:
        """Those that may hold what is asked for: in the order of acceptance, or newest first when `latest`."""

    async def small_files(self, small_rows: int, limit: int) -> list[tuple[Stream, list[LakeFile]]]:
        """Streams with many small files, and those of their files that are published."""

    async def replace_files(
        self, stream: Stream, files: Sequence[LakeFile], joined: LakeFile, now_ms: int
    ) -> bool:
        """False when one of the files is not there any more."""

    async def replaced_files(self, before_ms: int, limit: int) -> list[str]: ...
    async def forget_replaced(self, keys: Sequence[str]) -> None: ...
    async def purge(self, stream: Stream) -> list[str]:
        """Forgets the files and dead letters of a stream; the keys of the files."""

    async def add_dead_letters(self, letters: Sequence[DeadLetter]) -> None:
        """Counts those of detection for their streams; those that are known already change nothing."""

    async def dead_letters(
        self, tenant: str, query: LetterQuery, before: int | None, limit: int
    ) -> DeadLetterPage:
        """Newest first; fewer than `limit` when they are large."""

    async def oldest_dead_letters(
        self, tenant: str, query: LetterQuery, after: int, limit: int
    ) -> list[DeadLetter]:
        """Oldest first; fewer than `limit` when they are large."""

    async def dead_letter(self, tenant: str, event_id: str) -> DeadLetter | None: ...
    async def dead_letter_groups(self, tenant: str, query: LetterQuery, limit: int) -> list[LetterGroup]:
        """The most frequent first."""

    async def count_dead_letters(self, tenant: str, query: LetterQuery, after: int = 0) -> int: ...
    async def mark_replayed(self, letters: Sequence[DeadLetter], now_ms: int) -> bool:
        """False when one of them is not as it was read; then the transaction must not be committed."""

    async def replay(self, messages: Sequence[ReplayMessage]) -> None:
        """Told after the commit, by `tell`."""

    async def delete_dead_letter(self, tenant: str, event_id: str) -> bool: ...
    async def delete_dead_letters(self, tenant: str, query: LetterQuery) -> int: ...
    async def forget_dead_letters(self, before_ms: int) -> None:
        """Of all tenants, those that were rejected before."""


class Store(Protocol):
    def transaction(
        self, scope: Scope, *, read_only: bool = False
    ) -> AbstractAsyncContextManager[Transaction]:
        """Commits at the end."""

    async def tell(self) -> None:
        """Publishes the events of what was committed."""


class Lake(Protocol):
    async def put(self, key: str, data: bytes) -> None: ...
    async def get(self, key: str) -> bytes: ...
    async def delete(self, key: str) -> None: ...


class RecordLog(Protocol):
    """The topics of records."""

    async def partitions(self, topic: str) -> int:
        """As they were when `sizes` was asked last. Raises `Conflict` for a topic that is gone."""

    async def sizes(self) -> dict[str, int]:
        """The partitions of every topic that there is now."""

    async def existing(self) -> set[str]: ...
    async def create(self, topic: str, tenant: str) -> None:
        """Makes a topic like that of the tenant's records."""

    async def reached(self, topic: str) -> dict[int, int]:
        """Per partition, an offset that is not beyond its end."""

    async def present(self, batch: Unpublished) -> set[str]:
        """The ids of those messages of a batch that stand in the log."""

    async def publish(self, batch: Unpublished, parts: Sequence[Part]) -> None: ...
    async def erase_tenant(self, tenant: str) -> int:
        """Forgets all that stands on the topics of a tenant; on how many there was something."""


class Limited(Protocol):
    """What is known of tenants in every service."""

    def quotas(self, tenant: str) -> Quotas: ...
    def suspended(self, tenant: str) -> bool: ...


class Rates(Protocol):
    """Records in a time, by tenant."""

    async def admit(self, tenant: str, limit: int | None) -> None:
        """Raises `RateExceeded` while there were too many."""

    async def count(self, tenant: str, limit: int | None, records: int) -> None: ...


class TenantDirectory(Protocol):
    async def prepare(self, tenant: str) -> None:
        """Makes the topics of a tenant, unless they are there."""

    async def forget(self, tenant: str) -> None:
        """Follows its topics no longer."""


class ProcessTable(Protocol):
    """The processes of this host."""

    def is_alive(self, pid: int) -> bool: ...


class Deployments(Protocol):
    async def withdraw(self, key: StreamKey) -> None:
        """Takes the model off a stream, if there is one. Raises `Unavailable` when that cannot be known."""
