"""Counts of two that score the same rows, and the figures made of them."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from ad_detection.domain.comparison import (
    HOUR_MS,
    LEVELS,
    Counts,
    compared,
    counted,
    hour_of,
    levels_of,
    rank_correlation,
    summed,
)


@dataclass
class Judged:
    """What a judgement says of rows, as far as it is counted."""

    chance: NDArray[np.float64]
    limit: float = 0.01
    score: NDArray[np.float64] = field(init=False)
    label: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.score = -np.log(self.chance)
        self.label = self.chance < self.limit

    def probability(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return self.chance[rows]


def beside(champion: Judged, challenger: Judged) -> Counts:
    return counted(champion, levels_of(champion), challenger)


A = Judged(np.array([0.5, 0.001, 0.001, 0.9, 1e-9, 0.02]))
B = Judged(np.array([0.5, 0.001, 0.3, 0.9, 0.00002, 0.001]))


def test_alerts_of_both_and_of_one_alone_are_counted_row_by_row() -> None:
    figures = compared(beside(A, B), Counts(), Counts())
    assert (figures["rows"], figures["champion_alerts"], figures["challenger_alerts"]) == (6, 3, 3)
    assert (figures["both"], figures["only_champion"], figures["only_challenger"]) == (2, 1, 1)
    assert figures["jaccard"] == 2 / 4
    # 4 of 6 agreed, and two that alert three times in six agree on half by chance.
    assert figures["kappa"] == pytest.approx((4 / 6 - 0.5) / 0.5)


def test_counts_of_parts_add_up_to_those_of_the_whole() -> None:
    generator = np.random.default_rng(0)
    a, b = generator.random(1000), generator.random(1000)
    total = Counts()
    for part in (slice(0, 10), slice(10, 600), slice(600, 1000)):
        total.add(beside(Judged(a[part]), Judged(b[part])))
    whole = beside(Judged(a), Judged(b))
    assert compared(total, total, total) == compared(whole, whole, whole)
    assert total.levels.sum() == 1000


def test_the_rank_correlation_of_levels_is_near_that_of_the_scores() -> None:
    generator = np.random.default_rng(1)
    first = generator.random(20_000)
    for noise in (0.0, 0.2, 1.0, 20.0):
        second = first + noise * generator.random(20_000)
        ranked = Judged(np.argsort(np.argsort(second)) / 20_000 + 1e-9)
        exact = pl.select(pl.corr(pl.Series(first), pl.Series(second), method="spearman")).item()
        assert rank_correlation(beside(Judged(first + 1e-9), ranked).levels) == pytest.approx(exact, abs=0.01)
    opposite = beside(Judged(first + 1e-9), Judged(1.0 - first + 1e-9)).levels
    assert rank_correlation(opposite) == pytest.approx(-1.0, abs=0.01)


def test_what_cannot_be_told_is_not_told() -> None:
    nothing = compared(Counts(), Counts(), Counts())
    silent = compared(beside(Judged(np.full(5, 0.5)), Judged(np.full(5, 0.5))), Counts(), Counts())
    for figures in (nothing, silent):
        unknown = ("kappa", "jaccard", "rank_correlation", "champion_drift", "challenger_drift")
        assert [figures[name] for name in unknown] == [None] * 5


def test_scores_that_move_away_from_the_first_day_drift_and_others_do_not() -> None:
    generator = np.random.default_rng(2)
    before = beside(Judged(generator.random(5000)), Judged(generator.random(5000)))
    after = beside(Judged(generator.random(5000)), Judged(generator.random(5000) ** 3))
    figures = compared(after, before, after)
    assert figures["champion_drift"] < 0.02
    assert figures["challenger_drift"] > 0.5


def test_a_level_ends_where_its_edge_is() -> None:
    levels = levels_of(Judged(np.array([1e-15, 1e-5, 0.01, 0.0999, 0.1, 1.0])))
    assert levels.tolist() == [0, 1, 4, 6, 7, LEVELS - 1]


def test_hours_of_a_range_are_added_up() -> None:
    assert hour_of(3 * HOUR_MS + 17) == 3 * HOUR_MS
    hours = {number * HOUR_MS: Counts(rows=10**number) for number in range(5)}
    assert summed(hours, HOUR_MS, 3 * HOUR_MS).rows == 110
