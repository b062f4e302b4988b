"""What stands out of a spectrum."""

import cmath
import math

import numpy as np
import pytest

from ad_detectors.errors import DataError
from ad_detectors.series.spectral_residual import AHEAD, SpectralResidual, saliency


def slow_saliency(values):
    """Ren et al., equations 1 to 9, sum by sum."""
    slopes = [(values[-1] - values[-1 - back]) / back for back in range(1, AHEAD + 1)]
    values = [*values, *[values[-1] + sum(slopes) / AHEAD] * AHEAD]
    count = len(values)
    spectrum = [
        sum(v * cmath.exp(-2j * math.pi * k * at / count) for at, v in enumerate(values))
        for k in range(count)
    ]
    log = [math.log(abs(value) + 1e-8) for value in spectrum]
    near = [log[max(k - 1, 0) : k + 2] for k in range(count)]
    changed = [
        cmath.rect(math.exp(own - sum(around) / len(around)), cmath.phase(value))
        for own, around, value in zip(log, near, spectrum, strict=True)
    ]
    back = [
        sum(v * cmath.exp(2j * math.pi * k * at / count) for k, v in enumerate(changed)) / count
        for at in range(count)
    ]
    return [abs(value) for value in back][:-AHEAD]


def test_the_map_is_that_of_the_paper() -> None:
    values = np.random.default_rng(1).normal(size=40)
    np.testing.assert_allclose(saliency(values[:, None])[:, 0], slow_saliency(values.tolist()), rtol=1e-6)


def test_a_spike_in_a_season_stands_out() -> None:
    course = np.sin(np.arange(900) / 6.0)[:, None] + 0.05 * np.random.default_rng(2).normal(size=(900, 1))
    test = course[450:].copy()
    test[300] += 1.0
    scores = SpectralResidual(smoothing=1).fit(course[:450]).score(test)
    assert abs(int(scores.argmax()) - 300) <= 1


def test_a_constant_series_has_no_saliency() -> None:
    assert not saliency(np.full((60, 2), 7.0)).any()


def test_a_damaged_artifact_is_refused() -> None:
    arrays = SpectralResidual().fit(np.arange(60.0)[:, None]).to_arrays()
    with pytest.raises(DataError, match="error array is damaged"):
        SpectralResidual.from_arrays({}, ["f0"], {**arrays, "error": np.zeros(1)})
