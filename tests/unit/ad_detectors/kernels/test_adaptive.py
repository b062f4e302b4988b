"""The compiled update against the plain one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.streaming.adaptive import Adaptive
from tests.oracles.ad_detectors.adaptive import Entity

VALUES = st.one_of(
    st.integers(-20, 20).map(float), st.floats(-1e12, 1e12), st.just(float("nan")), st.floats(-1e-30, 1e-30)
)


def both(rows, **parameters):
    detector = Adaptive(**parameters)
    state = detector.new_state(1, rows.shape[1])
    slots = np.zeros(len(rows), np.int64)
    entity = Entity(rows.shape[1], detector.parameters)
    return detector.update(state, slots, rows, slots), [entity.update(list(row)) for row in rows]


def agree(result, plain) -> None:
    scores, probabilities, anomalies = (list(column) for column in zip(*plain, strict=True))
    np.testing.assert_allclose(result.probability, probabilities, rtol=1e-12)
    np.testing.assert_allclose(result.score, scores, rtol=1e-9, atol=1e-12)
    assert result.anomaly.tolist() == anomalies


@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("memory", [8, 32, 128])
def test_update_does_what_the_plain_detector_does(width, memory) -> None:
    generator = np.random.default_rng(width)
    rows = generator.standard_t(2, size=(1500, width)).round(3)
    rows[700:] += 9.0
    rows[generator.random(rows.shape) < 0.03] = np.nan
    agree(*both(rows, memory=memory, history=512))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=80))
def test_update_does_what_the_plain_detector_does_on_any_values(rows) -> None:
    agree(*both(np.array(rows), memory=8, history=64, warm_up=4, pause_share=0.1, breakthrough=2))
