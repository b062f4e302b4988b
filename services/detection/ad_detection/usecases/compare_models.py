"""Tells how the challengers of a stream did beside its champions."""

from typing import Any, NamedTuple

from ad_detection.domain.comparison import FIRST_HOURS, HOUR_MS, Counts, Pair, compared, summed
from ad_detection.ports import ComparisonStore


class Comparison(NamedTuple):
    """A challenger beside one champion: the first and the last hour with rows, and the figures."""

    pair: Pair
    first_hour_ms: int
    last_hour_ms: int
    figures: dict[str, Any]


async def compare_models(
    store: ComparisonStore, tenant: str, stream: str, from_ms: int, to_ms: int
) -> list[Comparison]:
    """Over the hours that begin in a range; what scored last is first."""
    pairs: dict[Pair, dict[int, Counts]] = {}
    for pair, hour_ms, counts in await store.find(tenant, stream, from_ms, to_ms):
        pairs.setdefault(pair, {}).setdefault(hour_ms, Counts()).add(counts)
    found = [_comparison(pair, hours, from_ms, to_ms) for pair, hours in pairs.items()]
    return sorted(found, key=lambda each: (-each.last_hour_ms, each.pair))


def _comparison(pair: Pair, hours: dict[int, Counts], from_ms: int, to_ms: int) -> Comparison:
    """The range, and beside it the first day: of the range, what comes after that day can have drifted."""
    begin = min(hours)
    first_day_ends = begin + FIRST_HOURS * HOUR_MS
    asked = [hour_ms for hour_ms in hours if from_ms <= hour_ms < to_ms]
    figures = compared(
        summed(hours, from_ms, to_ms),
        first=summed(hours, begin, first_day_ends),
        later=summed(hours, max(from_ms, first_day_ends), to_ms),
    )
    return Comparison(pair, min(asked), max(asked), figures)
