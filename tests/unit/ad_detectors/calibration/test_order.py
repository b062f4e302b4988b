"""For how many rows training rows hang together."""

import numpy as np
import pytest

from ad_detectors.calibration.order import memory_of

NOISE = np.random.default_rng(5).normal(size=(4000, 3))


@pytest.mark.parametrize("length", [1, 2, 4, 8])
def test_a_moving_mean_hangs_together_for_its_length(length) -> None:
    """The autocorrelation is 1 - lag / length: above a tenth up to the last lag but for chance."""
    rows = np.stack([np.convolve(column, np.ones(length), "valid") for column in NOISE.T], axis=1)
    assert memory_of(rows) == length - 1


@pytest.mark.parametrize(
    "rows",
    [
        NOISE,
        NOISE[:150].cumsum(axis=0),
        np.sort(NOISE, axis=0),
        NOISE.cumsum(axis=0),
        np.ones((500, 2)),
        np.full((500, 1), 1e30),
        np.tile([[-1.0], [1.0]], (300, 1)),
    ],
    ids=["no order", "few rows", "sorted", "slow", "constant", "largest", "alternating"],
)
def test_it_is_0_where_nothing_can_be_said(rows) -> None:
    assert memory_of(rows) == 0


def test_units_and_single_far_values_do_not_matter() -> None:
    rows = np.stack([np.convolve(column, np.ones(5), "valid") for column in NOISE.T], axis=1)
    far = rows * [1e-9, 1.0, 1e25]
    far[::500] = 1e29
    assert memory_of(far) == memory_of(rows) == 4
