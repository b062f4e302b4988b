"""The compiled update against the plain one."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.streaming.ewma import EWMA
from tests.oracles.ad_detectors.ewma import Entity
from tests.support.streaming_twins import agree, both, story

VALUES = st.one_of(st.floats(-1e12, 1e12), st.just(math.nan), st.floats(-1e-30, 1e-30))


@pytest.mark.parametrize("width", [1, 3])
def test_update_does_what_the_plain_detector_does(width) -> None:
    agree(*both(EWMA(half_life=30, history=256), Entity, story(width)))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=60))
def test_update_does_what_the_plain_detector_does_on_any_values(rows) -> None:
    result, said = both(EWMA(half_life=5, warm_up=4, history=64), Entity, np.array(rows))
    np.testing.assert_allclose(result.probability, [row.probability for row in said], rtol=1e-9)
