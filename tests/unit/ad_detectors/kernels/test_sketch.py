"""The sketch against counts that are all kept."""

from collections import Counter

import numpy as np
import pytest

from ad_detectors.kernels.sketch import add_key, place_of
from tests.oracles.ad_detectors.edges import Keys

SHARE = 0.1


def sketched(keys, ticks, depth, width):
    shape = (depth, width)
    current, mean = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    cells = current, mean, np.zeros(shape, np.int32)
    return [add_key(*cells, np.uint64(key), tick, SHARE) for key, tick in zip(keys, ticks, strict=True)]


@pytest.fixture(scope="module")
def stream():
    generator = np.random.default_rng(0)
    return generator.integers(0, 50, 3000).tolist(), np.sort(generator.integers(1, 200, 3000)).tolist()


def test_without_collisions_counts_and_means_are_exact(stream) -> None:
    kept = Keys(SHARE)
    for key, tick, (seen, mean, before) in zip(*stream, sketched(*stream, 4, 4096), strict=True):
        np.testing.assert_allclose(mean, kept.mean(key, tick), rtol=1e-5, atol=1e-9)
        assert before == kept.counts[key][tick]
        assert seen == kept.add(key, tick)


def test_with_collisions_they_are_never_too_small_and_seldom_much_too_large(stream) -> None:
    kept, passed, bound = Keys(SHARE), Counter(), 0
    depth, width = 3, 32
    for key, tick, (seen, mean, _) in zip(*stream, sketched(*stream, depth, width), strict=True):
        passed[tick] += 1
        assert mean >= kept.mean(key, tick) * (1 - 1e-5)
        true = kept.add(key, tick)
        assert seen >= true
        bound += seen - true > np.e * passed[tick] / width
    assert bound / len(stream[0]) <= np.exp(-depth)


def test_places_fill_the_width_evenly() -> None:
    places = Counter(place_of(np.uint64(key), 1, 10) for key in range(10_000))
    assert set(places) == set(range(10))
    assert max(places.values()) < 1200
