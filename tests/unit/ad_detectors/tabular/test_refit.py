"""Scores out of fold."""

import numpy as np

from ad_detectors.calibration.order import memory_of
from ad_detectors.tabular import refit
from ad_detectors.tabular.ecod import ECOD
from ad_detectors.tabular.gmm import GaussianMixture

ROWS = np.random.default_rng(6).normal(size=(100, 2))


def test_probabilities_come_from_fits_to_the_other_folds(monkeypatch) -> None:
    def top(rows: np.ndarray) -> float:
        return float(ECOD().fit(rows).calibration.scores[-1])

    others = np.delete(ROWS, np.arange(0, 100, 5), axis=0)
    assert top(ROWS) >= ECOD().fit(others).score(ROWS[::5]).max()
    monkeypatch.setattr(refit, "MOST_ROWS", 99)
    assert top(ROWS) == ECOD().fit(ROWS).score(ROWS).max()


def test_the_fits_have_the_same_parameters_and_leave_the_detector_alone() -> None:
    """Of rows that hang together, so that the folds are of blocks."""
    rows = np.repeat(np.random.default_rng(2).normal(size=(125, 2)), 4, axis=0)
    rows += np.random.default_rng(3).normal(size=rows.shape)
    block = 10 * memory_of(rows)
    assert block > 0
    detector = GaussianMixture(components=3, seed=4).fit(rows)
    again = GaussianMixture(components=3, seed=4)
    again.fit(rows)
    assert np.array_equal(detector.score(rows), again.score(rows))
    held = np.arange(500) // block % 5 == 0
    scores = GaussianMixture(components=3, seed=4).fit(rows[~held]).score(rows[held])
    assert np.isin(scores, detector.calibration.scores).all()
