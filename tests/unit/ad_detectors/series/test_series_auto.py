"""The default for time series."""

import numpy as np
import pytest

from ad_detectors.errors import DataError
from ad_detectors.series.forecast_residual import ForecastResidual
from ad_detectors.series.matrix_profile import MatrixProfile
from ad_detectors.series.series_auto import SeriesAuto


def machine(points: int, seed: int = 0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    load = np.sin(np.arange(points) / 20.0) + 0.1 * generator.normal(size=points)
    return np.column_stack([load, 50.0 + 10.0 * load, generator.normal(size=points)])


def test_the_score_is_the_geometric_mean_of_its_members_in_units_of_their_medians() -> None:
    training, test = machine(500), machine(300, seed=1)
    members = [MatrixProfile().fit(training), ForecastResidual().fit(training)]
    ratios = [member.score(test) / member.threshold(0.5) for member in members]
    np.testing.assert_allclose(
        SeriesAuto().fit(training).score(test), np.sqrt(ratios[0] * ratios[1]), rtol=1e-9
    )


def test_an_ordinary_point_scores_about_1() -> None:
    assert np.median(SeriesAuto().fit(machine(800)).score(machine(400, seed=1))) == pytest.approx(
        1.0, abs=0.3
    )


def test_parameters_reach_the_members() -> None:
    arrays = SeriesAuto(lags=2).fit(machine(200)).to_arrays()
    assert arrays["forecast_residual_weights"].shape == (2, 3, 3)


def test_a_damaged_artifact_is_refused() -> None:
    detector = SeriesAuto().fit(machine(100))
    with pytest.raises(DataError, match="usual scores are damaged"):
        SeriesAuto.from_arrays({}, detector.feature_names, {**detector.to_arrays(), "usual": np.zeros(2)})
    lacking = {key: value for key, value in detector.to_arrays().items() if not key.endswith("weights")}
    with pytest.raises(DataError, match="'weights'"):
        SeriesAuto.from_arrays({}, detector.feature_names, lacking)
