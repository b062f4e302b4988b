"""Every detector of the catalogue passes the battery."""

import pytest

from ad_detectors import catalog
from ad_detectors.checks import CheckFailedError, check_detector, checks_for
from ad_detectors.checks.expect import expect, expect_refusal

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
