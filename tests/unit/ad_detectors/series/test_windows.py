"""Windows over a series, and means over windows."""

import numpy as np
import pytest

from ad_detectors.series.windows import centred, smoothed, surrounded


def test_ends_are_repeated() -> None:
    series = np.array([[1.0], [2.0]])
    assert surrounded(series, 2, 1).ravel().tolist() == [1.0, 1.0, 1.0, 2.0, 2.0]


@pytest.mark.parametrize("window", [1, 2, 3, 8])
def test_the_window_of_a_point_has_it_in_its_middle(window) -> None:
    series = np.arange(5.0)[:, None]
    padded = centred(series, window)
    assert len(padded) == len(series) + window - 1
    assert [padded[at + window // 2, 0] for at in range(5)] == series.ravel().tolist()


@pytest.mark.parametrize("points", [1, 2, 3, 4, 9])
def test_a_smoothed_value_is_the_mean_of_those_around_it_that_are_there(points) -> None:
    values = np.random.default_rng(1).normal(size=(6, 2))
    expected = [
        values[max(at - points // 2, 0) : at - points // 2 + points].mean(axis=0) for at in range(len(values))
    ]
    np.testing.assert_allclose(smoothed(values, points), expected, rtol=1e-12)
