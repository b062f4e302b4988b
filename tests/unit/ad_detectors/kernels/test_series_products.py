"""Sums over windows against sums term by term."""

import numpy as np
import pytest

from ad_detectors.kernels.series_products import window_norms, window_products
from tests.oracles.ad_detectors import series_products as oracle

SHAPES = [(1, 1, 1), (3, 2, 4), (5, 3, 1), (2, 7, 2)]


@pytest.mark.parametrize(("window", "channels", "outputs"), SHAPES)
def test_products_are_those_of_the_oracle(window, channels, outputs) -> None:
    generator = np.random.default_rng(1)
    series, weights = (
        generator.normal(size=(window + 9, channels)),
        generator.normal(size=(window, channels, outputs)),
    )
    np.testing.assert_allclose(
        window_products(series, weights), oracle.window_products(series, weights), rtol=1e-12
    )


@pytest.mark.parametrize(("window", "channels", "outputs"), SHAPES)
def test_norms_are_those_of_the_oracle(window, channels, outputs) -> None:
    generator = np.random.default_rng(2)
    series, weights = (
        generator.normal(size=(window + 9, channels)),
        generator.normal(size=(window, channels, outputs)),
    )
    relief = generator.random(outputs)
    parts = window_norms(series, weights, window_products(series, weights), relief)
    np.testing.assert_allclose(parts, oracle.window_norms(series, weights, relief), rtol=1e-10, atol=1e-12)


def test_the_sums_of_a_window_do_not_depend_on_the_others() -> None:
    generator = np.random.default_rng(3)
    series, weights = generator.normal(size=(30, 3)), generator.normal(size=(4, 3, 5))
    whole = window_products(series, weights)
    assert window_products(series[11:15], weights).tobytes() == whole[11:12].tobytes()
