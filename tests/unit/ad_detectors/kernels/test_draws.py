"""Random numbers without state."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.kernels.draws import mixed, uniform
from tests.oracles.ad_detectors import draws as plain


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(-2, 2**40))
def test_numbers_are_those_of_the_plain_hash(key, counter) -> None:
    assert int(mixed(np.uint64(key), counter)) == plain.mixed(key, counter)
    assert uniform(np.uint64(key), counter) == plain.uniform(key, counter)


def test_numbers_are_even_and_independent_of_their_neighbours() -> None:
    keys = [np.uint64(mixed(np.uint64(number), 7)) for number in range(100)]
    drawn = np.array([[uniform(key, step) for step in range(100)] for key in keys])
    assert 0.0 <= drawn.min() < 0.01
    assert 0.99 < drawn.max() < 1.0
    assert abs(drawn.mean() - 0.5) < 0.01
    assert abs(np.corrcoef(drawn[:-1].ravel(), drawn[1:].ravel())[0, 1]) < 0.04
    assert abs(np.corrcoef(drawn[:, :-1].ravel(), drawn[:, 1:].ravel())[0, 1]) < 0.04


def test_the_finalizer_is_that_of_the_published_generator() -> None:
    # The first output of SplitMix64 with state 0.
    assert int(mixed(np.uint64(0), 0)) == 0xE220A8397B1DCDAF
