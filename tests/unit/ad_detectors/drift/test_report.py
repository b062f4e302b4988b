"""Reports in words."""

import pytest

from ad_detectors.drift.report import Drift, DriftReport


def drift(feature="load", **changes) -> Drift:
    known = {
        "feature": feature,
        "row": 1216,
        "since_row": 1200,
        "time_ms": 5,
        "statistic": 2.2,
        "threshold": 1.0,
        "probability": 0.002,
        "before": 1.2,
        "after": 3.4,
    }
    return Drift(**(known | changes))


def test_a_drift_is_said_in_one_sentence() -> None:
    report = DriftReport(detector="ADWIN", features=("load", "heat"), findings=(drift(), drift("heat")))
    first, second = report.describe().splitlines()
    assert first == "feature 'load': mean went from 1.2 to 3.4 (ADWIN, p ≤ 0.002) at row 1200"
    assert second.startswith("feature 'heat'")


def test_features_that_drifted_are_listed_once_and_in_their_order() -> None:
    findings = (drift("c"), drift("a"), drift("c"))
    assert DriftReport(detector="PSI", features=("a", "b", "c"), findings=findings).drifted == ("a", "c")


def test_no_drift_is_said_as_well_and_long_lists_are_cut() -> None:
    one = DriftReport(detector="PSI", features=("a",), findings=())
    assert one.describe() == "no drift in feature 'a' (PSI)"
    many = DriftReport(detector="PSI", features=tuple(map(str, range(9))), findings=())
    assert many.describe() == "no drift in features '0', '1', '2', '3', '4' and 4 more (PSI)"


@pytest.mark.parametrize("probability", [1.0, 0.0149, 0.00101, 3.21e-9, 1e-300, 0.96])
def test_what_is_said_of_the_probability_is_never_too_little(probability) -> None:
    said = drift(probability=probability).describe("KS").split("p ≤ ")[1].split(")")[0]
    assert probability <= float(said) <= 1.2 * probability
    assert len(said) <= 8
