"""A body that was accepted, and what its sender is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ad_ingestion.domain.lake import LakeFile
from ad_ingestion.domain.sorting import Rejection
from ad_ingestion.domain.streams import StreamKey

SHOWN_REJECTIONS = 100


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a body; the same again for the same Idempotency-Key."""

    batch_id: str
    accepted: int
    rejected: int
    rejections: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """The answer that was given for an Idempotency-Key, and the hash of the body that it was given for."""

    key: str
    body_sha256: str
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Unpublished:
    """A batch that is in the lake and perhaps not yet in the log.

    `since` are offsets per partition that were reached before its publication: whatever of it stands in the
    log, stands at or after them.
    """

    file_id: int
    batch_id: str
    lake_key: str
    stream: StreamKey
    generation: int
    topic: str
    since: dict[int, int]
    owner: str
    accepted_ms: int


@dataclass(frozen=True, slots=True)
class NewBatch:
    """What is stored of a body in one transaction."""

    batch_id: str
    accepted_ms: int
    file: LakeFile | None
    since: dict[int, int]
    rejections: Sequence[Rejection]
    content_type: str | None
    replay_of: Sequence[str] = ()
    """Per row, the dead letter that it replays; empty for records that are new."""


def receipt_of(batch_id: str, accepted: int, rejections: Sequence[Rejection]) -> Receipt:
    shown = [
        {"row": each.row, "field": each.field, "reason": each.reason}
        for each in rejections[:SHOWN_REJECTIONS]
    ]
    return Receipt(batch_id, accepted, len(rejections), shown)
