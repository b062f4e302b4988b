"""Readings of meters that say when they were taken."""

from collections.abc import Iterable, Sequence

from ad_data.schema import Field, StreamSchema
from ad_detection.domain.control import StreamRule, StreamSettings
from ad_detection.domain.grouping import Incoming
from ad_detection.domain.results import Results
from ad_detection.domain.state import PartitionState
from ad_detection.usecases.score_batch import score_batch
from tests.support.records import TENANT, TOPIC, Stored, stored

BEGIN_MS = 1_700_000_000_000
METERS = StreamSchema(
    fields=(Field("meter", "string"), Field("at", "timestamp"), Field("load")), entity="meter", timestamp="at"
)
Reading = tuple[str, float]
"""A meter, and how many seconds after the beginning."""


def at(seconds: float) -> int:
    return BEGIN_MS + round(seconds * 1000)


def readings(taken: Iterable[Reading], first: int = 0, stream: str = "meters") -> list[Stored]:
    """One message each, in the order given."""
    return [
        stored(first + place, {"meter": meter, "at": at(seconds), "load": 1.0}, stream)
        for place, (meter, seconds) in enumerate(taken)
    ]


def meter_rule(schema: StreamSchema = METERS, model: str | None = None, **settings: object) -> StreamRule:
    told = StreamSettings(publish_scores=True, **settings)  # type: ignore[arg-type]  # settings by name
    return StreamRule(TENANT, "meters", TOPIC, schema, told, model=model, version=model and 1)  # type: ignore[arg-type]


def scored(state: PartitionState, records: Sequence[Stored], models=None) -> Results:  # type: ignore[no-untyped-def]
    return score_batch(state, models or {}, Incoming(TENANT, TOPIC, 0, records, at(10_000)))


def knowing(rule: StreamRule) -> PartitionState:
    return PartitionState(rules={rule.key: rule})
