"""The empirical distributions that `ecod` and `copod` share."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import skew

from ad_detectors.errors import DataError
from ad_detectors.tabular import ecdf
from ad_detectors.tabular.ecdf import Distributions
from ad_detectors.tabular.ecod import ECOD

ROWS = np.random.default_rng(5).exponential(size=(300, 3)).round(1) * [1.0, -1.0, 0.0]


def test_different_values_are_counted_column_by_column() -> None:
    learnt = Distributions.fit(np.array([[2.0, 7.0], [1.0, 7.0], [2.0, 7.0]]))
    assert learnt.values.tolist() == [1.0, 2.0, 7.0]
    assert learnt.at_most.tolist() == [1, 3, 3]
    assert learnt.starts.tolist() == [0, 2, 3]
    assert learnt.rows == 3


def test_skewness_has_the_sign_that_scipy_finds() -> None:
    learnt = Distributions.fit(ROWS)
    assert learnt.skewness.tolist() == [*np.sign(skew(ROWS[:, :2])), 0.0]


def test_of_very_many_values_the_ends_are_kept_exactly(monkeypatch) -> None:
    monkeypatch.setattr(ecdf, "MOST_VALUES", 1000)
    monkeypatch.setattr(ecdf, "EXACT_ENDS", 200)
    column = np.random.default_rng(6).normal(size=(20_000, 1))
    thinned = Distributions.fit(column)
    ordered = np.sort(column[:, 0])
    assert len(thinned.values) == 1000
    assert np.array_equal(thinned.values[:200], ordered[:200])
    assert np.array_equal(thinned.values[-200:], ordered[-200:])
    scores = ECOD().fit(column).score(column)
    monkeypatch.undo()
    np.testing.assert_allclose(scores, ECOD().fit(column).score(column), atol=0.2)


def test_beyond_the_training_values_the_score_goes_on_without_a_step() -> None:
    detector = ECOD().fit(np.arange(101.0)[:, None])
    inside, edge, beyond, far = detector.score([[99.0], [100.0], [100.0 + 1e-9], [150.0]])
    assert inside < edge
    assert beyond == pytest.approx(edge)
    assert far == pytest.approx(np.log(101) + 2 * np.log(2))


def test_damaged_counts_are_refused() -> None:
    sound = Distributions.fit(ROWS)
    sound.check()
    backwards = sound.values[::-1].copy()
    for damaged in (
        replace(sound, values=backwards),
        replace(sound, at_most=sound.at_most[::-1].copy()),
        replace(sound, starts=np.array([0, 2, 1, len(sound.values)])),
        replace(sound, starts=sound.starts + 1),
        replace(sound, skewness=np.array([0.5, 0.0, 1.0])),
        replace(sound, values=np.where(sound.values == 0.0, np.nan, sound.values)),
    ):
        with pytest.raises(DataError, match="must ascend"):
            damaged.check()
