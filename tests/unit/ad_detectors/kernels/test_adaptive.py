"""The compiled update against the plain one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.streaming.adaptive import SIZES, Adaptive
from tests.oracles.ad_detectors.adaptive import Entity

VALUES = st.one_of(
    st.integers(-20, 20).map(float), st.floats(-1e12, 1e12), st.just(float("nan")), st.floats(-1e-30, 1e-30)
)
QUARTER_HOUR_MS = 15 * 60_000


def both(rows, times, **parameters):
    detector = Adaptive(**parameters)
    state = detector.new_state(1, rows.shape[1])
    entity = Entity(rows.shape[1], SIZES[detector.parameters.size], detector.parameters)
    result = detector.update(state, np.zeros(len(rows), np.int64), rows, times)
    return result, [entity.update(row, time) for row, time in zip(rows.tolist(), times.tolist(), strict=True)]


def agree(result, plain) -> None:
    scores, probabilities, anomalies = (list(column) for column in zip(*plain, strict=True))
    np.testing.assert_allclose(result.score, scores, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(result.probability, probabilities, rtol=1e-5)
    assert result.anomaly.tolist() == anomalies


@pytest.mark.parametrize(
    ("size", "width", "count"), [("light", 1, 1500), ("light", 3, 900), ("rich", 2, 500)]
)
def test_update_does_what_the_plain_detector_does(size, width, count) -> None:
    generator = np.random.default_rng(width)
    rows = generator.standard_t(2, size=(count, width)).round(3)
    rows[count // 2 :] += 9.0
    rows[generator.random(rows.shape) < 0.03] = np.nan
    times = QUARTER_HOUR_MS * (np.arange(count) + generator.integers(0, 3, count)) - 3 * 604_800_000
    result, plain = both(rows, times, size=size, history=400)
    agree(result, plain)
    assert result.anomaly.sum() > 2


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES, st.integers(-(2**40), 2**40)), min_size=1, max_size=80))
def test_update_does_what_the_plain_detector_does_on_any_values(found) -> None:
    rows, times = np.array([row[:2] for row in found]), np.array([row[2] for row in found])
    agree(*both(rows, times, size="light", history=64, warm_up=4, pause_share=0.5, breakthrough=2))
