"""The random cut forest, on streams that tell a story."""

import numpy as np
import pytest

from ad_detectors.streaming.random_cut_forest import RandomCutForest
from tests.support.streaming_twins import run

PLACES = np.arange(2000)
WAVE = np.sin(2 * np.pi * PLACES / 50) + np.random.default_rng(0).normal(scale=0.05, size=2000)


def changed(start, values):
    series = WAVE.copy()
    series[start : start + len(values)] = values
    return series


@pytest.mark.parametrize(
    ("what", "series"),
    [
        ("a usual value at the wrong place", changed(1812, [-1.0])),
        ("a faster wave", changed(1800, np.sin(2 * np.pi * np.arange(40) / 10))),
    ],
)
def test_a_shape_that_never_was_is_an_alert_though_its_values_are_usual(what, series) -> None:
    result = run(RandomCutForest(), series)
    assert result.anomaly[1800:1850].any(), what
    assert result.anomaly[300:1800].sum() <= 15


def test_the_feature_that_is_odd_is_named_whatever_the_scales() -> None:
    rows = np.random.default_rng(1).normal(size=(1200, 4)) * [1.0, 1e-3, 1e3, 10.0]
    rows[1100, 1] = 0.02
    result = run(RandomCutForest(shingle=1), rows)
    assert result.anomaly[1100]
    assert result.contributions[1100].argmax() == 1


def test_another_seed_gives_other_scores_and_the_same_seed_the_same() -> None:
    chosen = {"trees": 5, "sample": 32}
    first, second, other = (run(RandomCutForest(seed=seed, **chosen), WAVE[:300]).score for seed in (1, 1, 2))
    assert first.tobytes() == second.tobytes()
    assert (first != other).any()
