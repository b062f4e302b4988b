"""Units in which features are comparable."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from ad_detectors.errors import DataError
from ad_detectors.tabular.standard import fit_range, fit_standard, in_units, take_standard

ROWS = np.random.default_rng(1).normal(size=(200, 3)) * [1.0, 1e6, 1e-9] + [0.0, -5e6, 1.0]


def test_rows_are_those_of_scikit_learns_scaler() -> None:
    standard, rows = fit_standard(ROWS)
    assert np.array_equal(rows, StandardScaler().fit_transform(ROWS))
    assert np.array_equal(rows, (ROWS - standard[0]) / standard[1])


@pytest.mark.parametrize(("value", "scale"), [(5.0, 5e-9), (0.0, 1e-12), (-1e30, 1e21), (0.1, 1e-10)])
def test_a_constant_has_a_scale_of_a_billionth_of_its_level(value, scale) -> None:
    standard, rows = fit_standard(np.full((30, 1), value))
    assert standard[:, 0].tolist() == [value, pytest.approx(scale, rel=1e-9, abs=0)]
    assert not rows.any()


def test_values_that_hardly_differ_count_as_constant() -> None:
    standard, rows = fit_standard(ROWS * 1e-75)
    assert standard[1] == pytest.approx([1e-12] * 3, rel=1e-9, abs=0)
    assert not rows.any()


def test_a_range_is_from_the_smallest_to_the_largest_value() -> None:
    ranges = fit_range(np.array([[1.0, 5.0, 1e-70], [4.0, 5.0, 2e-70], [2.0, 5.0, 1e-70]]))
    assert ranges[0].tolist() == [1.0, 5.0, 1e-70]
    assert ranges[1] == pytest.approx([3.0, 5e-9, 1e-12], rel=1e-9, abs=0)


def test_whitening_in_units_of_the_features_gives_the_same_distances() -> None:
    standard, rows = fit_standard(ROWS)
    centres, whitenings = np.ones((2, 3)), np.random.default_rng(2).normal(size=(2, 3, 3))
    origin, shifts, wide = in_units(standard, centres, whitenings)
    assert wide.shape == (2, 3, 4)
    for centre, shift, plain, found in zip(centres, shifts, whitenings, wide, strict=True):
        expected = (rows - centre) @ plain
        np.testing.assert_allclose(((ROWS - origin - shift) @ found)[:, :3], expected, rtol=1e-6, atol=1e-6)


def test_damaged_scales_are_refused() -> None:
    for scale in (0.0, -1.0, np.nan, 1e-100):
        with pytest.raises(DataError, match="'standard' is damaged"):
            take_standard({"standard": np.array([[0.0], [scale]])}, 1)
