"""The comparison of challengers with champions over a range of hours."""

from ad_detection.domain.comparison import HOUR_MS, HourlyCounts, Pair
from ad_detection.usecases.compare_models import Comparison, compare_models
from tests.support.comparisons import PAIR, Comparisons, hourly

OTHER = Pair("default", "sensors", "pumps@2", "pumps@3")


async def compared(hours: list[HourlyCounts], first: int, stop: int) -> list[Comparison]:
    store = Comparisons()
    for number, each in enumerate(hours):
        await store.save(f"worker {number}", [each])
    return await compare_models(store, "default", "sensors", first * HOUR_MS, stop * HOUR_MS)


async def test_workers_and_hours_of_the_range_are_added_up() -> None:
    [found] = await compared([hourly(1, 1000), hourly(2, 20), hourly(2, 30), hourly(3, 400)], 2, 4)
    assert (found.figures["rows"], found.figures["challenger_alerts"]) == (450, 45)
    assert (found.first_hour_ms, found.last_hour_ms) == (2 * HOUR_MS, 3 * HOUR_MS)


async def test_what_scored_last_comes_first() -> None:
    found = await compared([hourly(1, 10), hourly(2, 10, OTHER)], 0, 9)
    assert [each.pair for each in found] == [OTHER, PAIR]


async def test_drift_is_told_of_what_came_after_the_first_day() -> None:
    day = [hourly(5, 1000), hourly(28, 1000)]
    [found] = await compared(day, 0, 100)
    assert found.figures["challenger_drift"] is None
    [found] = await compared([*day, hourly(29, 1000)], 0, 100)
    assert found.figures["challenger_drift"] == 0
    [found] = await compared([*day, hourly(29, 1000, level=9)], 28, 100)
    assert found.figures["challenger_drift"] > 1
    assert found.figures["rows"] == 2000
