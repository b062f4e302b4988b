"""The spheres against the plain ones."""

import numpy as np
import pytest

from ad_detectors.tabular.inne import INNE
from tests.oracles.ad_detectors import inne as oracle


def pair(sample, width):
    generator = np.random.default_rng(sample)
    rows = generator.normal(size=(200, width))
    detector = INNE(estimators=12, sample=sample, scale=False).fit(rows)
    samples = detector.to_arrays()["centers"].T.reshape(12, -1, width).tolist()
    return detector, samples, np.vstack([2.0 * generator.normal(size=(30, width)), rows[:10]])


@pytest.mark.parametrize("width", [1, 2, 5])
@pytest.mark.parametrize("sample", [2, 3, 8, 17])
def test_scores_are_the_mean_ratios_of_the_covering_spheres(sample, width) -> None:
    detector, samples, rows = pair(sample, width)
    plain = [oracle.score(samples, row) for row in rows.tolist()]
    np.testing.assert_allclose(detector.score(rows), plain, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("sample", [2, 8])
def test_contributions_are_shares_of_the_distance_from_the_centre(sample) -> None:
    detector, samples, rows = pair(sample, 3)
    plain = [oracle.contributions(samples, row) for row in rows.tolist()]
    np.testing.assert_allclose(detector.explain(rows).contributions, plain, rtol=1e-9, atol=1e-9)
