"""Windows outside of the usual directions."""

import numpy as np
import pytest

from ad_detectors.errors import DataError
from ad_detectors.series.subsequence_pca import NOISE, SubsequencePCA
from ad_detectors.series.windows import centred


def waves(points: int, seed: int = 0) -> np.ndarray:
    """Two channels that go together."""
    course = np.sin(np.arange(points) / 4.0)
    noise = 0.02 * np.random.default_rng(seed).normal(size=(points, 2))
    return np.column_stack([course, 2.0 * course]) + noise


def test_channels_that_part_stand_out_though_each_is_ordinary() -> None:
    test = waves(300, seed=1)
    test[150:156, 1] *= -1.0
    scores = SubsequencePCA().fit(waves(600)).score(test)
    assert abs(int(scores.argmax()) - 153) <= 8
    assert scores[150:156].max() > 4 * np.median(scores)


def test_the_score_is_the_mahalanobis_distance_with_noise() -> None:
    series = waves(400)
    detector = SubsequencePCA(window=3, smoothing=1).fit(series)
    low, unit = series.min(axis=0), np.ptp(series, axis=0)
    common = (series - low) / unit
    rows = centred(common - common.mean(axis=0), 3)
    windows = np.stack([rows[at : at + 3].ravel() for at in range(400)])
    spread = np.cov(windows.T) + NOISE * np.eye(6)
    expected = np.sqrt(np.einsum("ij,jk,ik->i", windows, np.linalg.inv(spread), windows))
    np.testing.assert_allclose(detector.score(series), expected, rtol=1e-6)


def test_expected_values_lie_on_the_usual_directions() -> None:
    test = waves(300, seed=1)
    truth = test[150, 1]
    test[150, 1] += 3.0
    why = SubsequencePCA().fit(waves(600)).explain(test)
    assert abs(why.expected[150, 1] - truth) < 0.5 * abs(test[150, 1] - truth)


def test_a_damaged_artifact_is_refused() -> None:
    arrays = SubsequencePCA().fit(waves(60)).to_arrays()
    with pytest.raises(DataError, match="component arrays are damaged"):
        SubsequencePCA.from_arrays({}, ["f0", "f1"], {**arrays, "variance": -arrays["variance"]})
