"""Half-space trees, on streams that tell a story."""

import numpy as np

from ad_detectors.streaming.half_space_trees import HalfSpaceTrees
from tests.support.streaming_twins import run


def test_the_void_between_two_clusters_is_odd_though_each_value_is_usual() -> None:
    generator = np.random.default_rng(0)
    side = generator.integers(0, 2, size=1500)
    rows = generator.normal(size=(1500, 2)) * 0.3 + 10.0 * np.column_stack([side, 1 - side])
    rows[1400] = 0.0, 0.0
    result = run(HalfSpaceTrees(), rows)
    assert result.score[1400] > 2


def test_the_scale_follows_the_entity() -> None:
    generator = np.random.default_rng(1)
    values = generator.normal(size=2000)
    values[1000:] = 1e6 + 1e3 * values[1000:]
    values[1900] += 2e4
    result = run(HalfSpaceTrees(), values)
    assert result.anomaly[1900]
    assert abs(result.expected[1900, 0] - 1e6) < 500.0
    assert result.anomaly[1300:1900].sum() <= 6


def test_another_seed_gives_other_scores_and_the_same_seed_the_same() -> None:
    values = np.random.default_rng(2).normal(size=500)
    first, second, other = (run(HalfSpaceTrees(seed=seed), values).score for seed in (1, 1, 2))
    assert first.tobytes() == second.tobytes()
    assert (first != other).any()
