"""Discords of a series."""

import numpy as np
import pytest

from ad_detectors.errors import DataError
from ad_detectors.series.matrix_profile import MatrixProfile


def beats(count: int, seed: int = 0) -> np.ndarray:
    """A shape of 20 points, again and again, with a little noise."""
    shape = np.exp(-((np.arange(20) - 6.0) ** 2) / 4.0)
    return np.tile(shape, count)[:, None] + 0.01 * np.random.default_rng(seed).normal(size=(20 * count, 1))


def test_a_beat_upside_down_is_the_discord() -> None:
    test = beats(20, seed=1)
    test[200:220] = 1.0 - test[200:220]
    scores = MatrixProfile(window=20, smoothing=1).fit(beats(20)).score(test)
    assert 200 <= int(scores.argmax()) < 220
    assert scores[190:230].max() > 10 * np.median(scores)


def test_a_constant_level_shift_is_seen_because_windows_keep_their_level() -> None:
    test = beats(20, seed=1)
    test[200:300] += 0.5
    scores = MatrixProfile().fit(beats(20)).score(test)
    assert scores[210:290].min() > scores[:190].max()


def test_the_training_series_is_not_its_own_likeness() -> None:
    series = beats(20)
    series[200:220] = 0.5
    scores = MatrixProfile(neighbors=1, smoothing=1).fit(series).score(series)
    assert scores.min() > 1e-4
    assert 195 <= int(scores.argmax()) < 225


def test_one_odd_training_window_does_not_excuse_an_anomaly() -> None:
    training, test = beats(40), beats(20, seed=1)
    training[400:420] = test[200:220] = np.random.default_rng(5).random((20, 1))
    one, five = (MatrixProfile(neighbors=count).fit(training).score(test) for count in (1, 5))
    assert one[210] < 0.5 * five[210]


def test_the_score_is_the_root_mean_square_distance_per_point() -> None:
    training = np.repeat([0.0, 1.0], 30)[:, None]
    scores = MatrixProfile(window=4, neighbors=3).fit(training).score(np.full((20, 1), 0.25))
    assert scores == pytest.approx(0.25)


def test_only_the_last_points_of_a_long_training_series_are_kept() -> None:
    series = beats(20)
    detector = MatrixProfile(neighbors=1, most=100, smoothing=1).fit(series)
    assert detector.to_arrays()["known"].shape == (100, 1)
    assert detector.score(series)[300:].min() > 1e-4, "its end is not its own likeness either"


def test_expected_values_are_those_of_the_likeness() -> None:
    test = beats(20, seed=1)
    test[206] = 0.0
    why = MatrixProfile(window=20).fit(beats(20)).explain(test)
    assert why.expected[206, 0] == pytest.approx(1.0, abs=0.05)
    assert why.lower[206, 0] > 0.5


def test_a_damaged_artifact_is_refused() -> None:
    detector = MatrixProfile().fit(beats(5))
    arrays = {**detector.to_arrays(), "known": np.full((5, 1), np.nan, np.float32)}
    with pytest.raises(DataError, match="damaged"):
        MatrixProfile.from_arrays({}, ["f0"], arrays)
