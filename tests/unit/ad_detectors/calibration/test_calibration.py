"""Whether "one in 1,000" is one in 1,000, on normal data of six shapes.

10,000 training scores have about ten beyond the level that is wanted, so the share of unseen ones beyond it
varies by 1 / √10, a third, from one training set to the next, more where neighbours are alike, whatever the
calibration does. The band from 0.5 to 2 is two to three of these deviations wide, too narrow to be kept by every
draw: it is asked of the mean over 12 training sets, which varies by a tenth, and of single ones only a wider band.
"""

import numpy as np
import pytest

from ad_detectors.calibration.conformal import ConformalCalibration
from ad_detectors.calibration.tail import TailCalibration

TRAINING, UNSEEN, SETS, LEVEL = 10_000, 1_000_000, 12, 1e-3


def correlated(generator, count):
    """An autoregressive process of first order: neighbours correlate by 0.8."""
    from scipy.signal import lfilter

    return lfilter([0.6], [1.0, -0.8], generator.normal(size=count))


SHAPES = {
    "normal": lambda g, n: g.normal(size=n),
    "uniform": lambda g, n: g.uniform(size=n),
    "exponential": lambda g, n: g.exponential(size=n),
    "bimodal": lambda g, n: np.where(g.random(n) < 0.7, g.normal(size=n), g.normal(6.0, 0.5, size=n)),
    "t with 3 degrees of freedom": lambda g, n: g.standard_t(3, size=n),
    "correlated": correlated,
}


def shares(calibration, draw):
    """The share of unseen scores at most as probable as one in 1,000, for each training set."""
    found = []
    for seed in range(SETS):
        generator = np.random.default_rng(seed)
        fitted = calibration.fit(draw(generator, TRAINING))
        unseen = draw(generator, UNSEEN)
        # Only what lies above the 9,800th of 10,000 can be that improbable.
        high = unseen[unseen > np.quantile(fitted.scores[-2048:], 0.9)]
        assert fitted.probability(high.min()) > LEVEL
        found.append((fitted.probability(high) <= LEVEL).sum() / UNSEEN)
    return np.array(found)


@pytest.mark.parametrize("calibration", [TailCalibration, ConformalCalibration])
@pytest.mark.parametrize("shape", SHAPES)
def test_one_in_1000_fires_between_half_and_twice_as_often(calibration, shape) -> None:
    found = shares(calibration, SHAPES[shape])
    assert 0.5e-3 <= found.mean() <= 2e-3
    assert found.min() >= 0.2e-3
    assert found.max() <= 4e-3
