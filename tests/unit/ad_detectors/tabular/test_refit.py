"""Scores out of fold."""

import numpy as np

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
    detector = GaussianMixture(components=3, seed=4).fit(ROWS)
    again = GaussianMixture(components=3, seed=4)
    again.fit(ROWS)
    assert np.array_equal(detector.score(ROWS), again.score(ROWS))
    held = ROWS[::5]
    others = np.delete(ROWS, np.arange(0, 100, 5), axis=0)
    scores = GaussianMixture(components=3, seed=4).fit(others).score(held)
    assert np.isin(scores, detector.calibration.scores).all()
