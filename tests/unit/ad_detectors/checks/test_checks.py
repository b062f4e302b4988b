"""Every detector of the catalogue passes the battery."""

import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from ad_detectors import catalog
from ad_detectors.checks import CheckFailedError, check_detector, checks_for
from ad_detectors.checks.batch_contract import contamination_is_the_share_of_training_rows_above
from ad_detectors.checks.batch_values import outlier_scores_higher_than_ordinary_rows
from ad_detectors.checks.expect import expect, expect_refusal, expect_share
from ad_detectors.entries import Entry
from ad_detectors.tabular.zscore import ZScore

CASES = [
    pytest.param(name, check, id=f"{name}-{check.__name__}")
    for name in catalog.names()
    for check in checks_for(name)
]


@pytest.mark.parametrize(("name", "check"), CASES)
def test_every_detector_passes_every_check(name, check) -> None:
    check(name)


def test_the_battery_runs_by_one_call() -> None:
    check_detector("iqr")


def test_a_check_that_does_not_hold_fails_with_its_message() -> None:
    with pytest.raises(CheckFailedError, match="it did not"):
        expect(False, "it did not")


def test_a_call_that_should_be_refused_but_is_not_fails() -> None:
    with pytest.raises(CheckFailedError, match="nonsense was not refused"):
        expect_refusal(lambda: None, (), "nonsense")


class Coarse(ZScore):
    """Scores that hardly tell rows apart."""

    step = 100.0

    def _score(self, matrix):
        return np.floor(super()._score(matrix) / self.step)


def test_a_score_that_ties_is_told_as_the_cause(monkeypatch) -> None:
    monkeypatch.setitem(catalog.ENTRIES, "coarse", Entry("coarse", "batch", "", __name__, "Coarse"))
    monkeypatch.setitem(sys.modules, __name__, SimpleNamespace(Coarse=Coarse))
    with pytest.raises(
        CheckFailedError, match="not above the 0 of nine ordinary rows in ten; 400 of 400 have"
    ):
        outlier_scores_higher_than_ordinary_rows("coarse")
    monkeypatch.setattr(Coarse, "step", 1.0)
    with pytest.raises(CheckFailedError) as caught:
        contamination_is_the_share_of_training_rows_above("coarse")
    assert re.fullmatch(
        r"coarse: 0\.\d+ of the training rows score above the threshold for 0\.\d+; \d+ of 1000 have the same "
        r"score, \d: no threshold can part them, so a score must tell ordinary rows apart, too",
        str(caught.value),
    )


def test_where_all_scores_differ_ties_are_not_blamed() -> None:
    with pytest.raises(CheckFailedError, match=r"mine: 0\.5 of the training rows .* threshold for 0\.1$"):
        expect_share("mine", np.arange(10.0), 4.5, 0.1)
    expect_share("mine", np.arange(10.0), 8.5, 0.1)
