"""Distances from components against the plain ones."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ad_detectors.kernels.components import component_parts, component_scores
from tests.oracles.ad_detectors.components import score

STANDARD = np.array([[10.0, -2.0, 0.0], [1.0, 20.0, 0.1]])
ENDS = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0][:, :2].copy()
FACTORS = np.array([2.0, 70.0])


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 9), st.just(3)), elements=st.floats(-1e6, 1e6)))
def test_scores_agree_with_the_plain_ones_and_parts_add_up(rows) -> None:
    scores = component_scores(rows, STANDARD, ENDS, FACTORS)
    np.testing.assert_allclose(scores, [score(row, STANDARD, ENDS, FACTORS) for row in rows], rtol=1e-12)
    parts = component_parts(rows, STANDARD, ENDS, FACTORS)
    baseline = component_scores(STANDARD[:1], STANDARD, ENDS, FACTORS)[0]
    np.testing.assert_allclose(baseline + parts.sum(axis=1), scores, rtol=1e-9)


def test_a_feature_at_its_mean_has_no_part() -> None:
    parts = component_parts(np.array([[13.0, -2.0, 0.0]]), STANDARD, ENDS, FACTORS)
    assert parts[0, 0] > 0.0
    assert parts[0, 1:].tolist() == [0.0, 0.0]
