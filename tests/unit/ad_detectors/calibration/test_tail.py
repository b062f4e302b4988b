"""Scores to probabilities and thresholds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ad_detectors.calibration.tail import TailCalibration
from ad_detectors.errors import DataError, ParameterError

SCORES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200)
SHAPES = {
    "normal": lambda g, n: g.normal(size=n),
    "exponential": lambda g, n: g.exponential(size=n),
    "uniform": lambda g, n: g.uniform(size=n),
    "heavy": lambda g, n: g.standard_t(4, size=n),
    "lognormal": lambda g, n: g.lognormal(size=n),
    "gamma": lambda g, n: g.gamma(2.0, size=n),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_one_in_a_thousand_happens_about_once_in_a_thousand(shape) -> None:
    draw = SHAPES[shape]
    shares = []
    for seed in range(8):
        generator = np.random.default_rng(seed)
        calibration = TailCalibration.fit(draw(generator, 20_000))
        shares.append((calibration.probability(draw(generator, 50_000)) <= 1e-3).mean())
    assert 0.5e-3 <= np.mean(shares) <= 2e-3


@settings(max_examples=100)
@given(SCORES, SCORES)
def test_probabilities_are_in_range_and_fall_with_the_score(training, scores) -> None:
    found = TailCalibration.fit(training).probability(np.sort(scores))
    assert ((found > 0) & (found <= 1)).all()
    assert (np.diff(found) <= 0).all()


@pytest.mark.parametrize("steps", [0.02, 0.1, 0.5])
def test_among_the_highest_scores_a_tie_counts_half(steps) -> None:
    """Steps as frequent as 0.1 to 5 in 1,000: of two training sets one calls the step rare enough, one does not."""
    shares = []
    for seed in range(40):
        generator = np.random.default_rng(seed)
        draw = np.floor(generator.exponential(size=30_000) / steps)
        calibration = TailCalibration.fit(draw[:10_000])
        shares.append((calibration.probability(draw[10_000:]) <= 1e-3).mean())
    assert 0.6e-3 <= np.mean(shares) <= 1.5e-3


def test_gaps_and_scores_that_differ_by_rounding_do_not_mislead_it() -> None:
    """As of a histogram: a few levels far apart, and places on them a millionth of a millionth apart."""

    def draw(generator, count):
        rows = generator.exponential(size=count)
        return np.floor(rows / 4.0) + 1e-12 * rows

    shares = []
    for seed in range(20):
        generator = np.random.default_rng(seed)
        calibration = TailCalibration.fit(draw(generator, 10_000))
        shares.append((calibration.probability(draw(generator, 50_000)) <= 1e-3).mean())
    assert 0.7e-3 <= np.mean(shares) <= 1.4e-3


def test_to_the_last_score_the_fit_does_not_contradict_the_ranks() -> None:
    scores = np.append(np.linspace(0.0, 1.0, 995), [5.0, 5.1, 5.2, 900.0, 1e6])
    found = TailCalibration.fit(scores).probability(scores[-5:]) * 1001
    ranks = np.arange(5, 0, -1)
    assert (np.abs(np.log(found / ranks)) <= 1.0 / np.sqrt(ranks) + 1e-9).all()


def test_a_smooth_curve_has_the_same_body_and_thresholds_and_its_own_tail() -> None:
    scores = np.random.default_rng(3).normal(size=5000)
    exact, smooth = TailCalibration.fit(scores), TailCalibration.smooth(scores)
    body, highest = np.sort(scores)[:4700], np.sort(scores)[-15:]
    assert exact.probability(body).tolist() == smooth.probability(body).tolist()
    assert exact.threshold(0.01) == smooth.threshold(0.01)
    np.testing.assert_allclose(exact.probability(highest[:10]) * 5001, np.arange(15, 5, -1))
    assert (np.diff(np.log(smooth.probability(np.linspace(highest[0], highest[-1], 50))), 2) < 1e-9).all()


@given(st.floats(-1e6, 1e6), st.integers(1, 50))
def test_scores_that_are_all_alike_are_ordinary_and_anything_above_is_not(level, rows) -> None:
    calibration = TailCalibration.fit([level] * rows)
    at, above = calibration.probability([level, level + 1000 * max(abs(level), 1)])
    assert at == 1.0
    assert above < 0.01


@pytest.mark.parametrize("rows", [100, 1000, 20_000])
@pytest.mark.parametrize("contamination", [0.01, 0.05, 0.1, 0.5])
def test_the_threshold_leaves_the_contamination_above(rows, contamination) -> None:
    scores = np.random.default_rng(rows).normal(size=rows)
    threshold = TailCalibration.fit(scores).threshold(contamination)
    assert abs((scores > threshold).mean() - contamination) <= max(1 / rows, 1e-3)


@pytest.mark.parametrize("wrong", [0, -1, 0.51, float("nan"), float("inf")])
def test_a_contamination_out_of_range_is_refused_with_the_range(wrong) -> None:
    with pytest.raises(ParameterError, match=r"0\.5"):
        TailCalibration.fit([1.0, 2.0]).threshold(wrong)


def test_many_scores_are_kept_in_little_room() -> None:
    calibration = TailCalibration.fit(np.random.default_rng(0).normal(size=100_000))
    assert sum(array.nbytes for array in calibration.to_arrays("calibration").values()) < 120_000


def test_arrays_bring_the_calibration_back() -> None:
    calibration = TailCalibration.fit(np.random.default_rng(0).normal(size=500))
    again = TailCalibration.from_arrays(calibration.to_arrays("calibration"), "calibration")
    probes = np.linspace(-5, 9, 100)
    assert again.probability(probes).tobytes() == calibration.probability(probes).tobytes()


def test_damaged_arrays_are_refused() -> None:
    arrays = TailCalibration.fit([1.0, 2.0]).to_arrays("calibration")
    for wrong in (np.array([np.nan, 1.0]), np.array([1.0]), np.array([1, 2])):
        with pytest.raises(DataError, match="damaged"):
            TailCalibration.from_arrays({**arrays, "calibration_scores": wrong}, "calibration")
