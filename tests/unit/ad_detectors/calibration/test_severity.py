"""One word for how improbable an anomaly is."""

from ad_detectors.calibration.severity import severities


def test_severity_rises_by_powers_of_ten() -> None:
    assert severities([0.05, 1.1e-3, 1e-3, 1e-4, 1e-5, 1e-15]) == [
        "low",
        "low",
        "medium",
        "high",
        "critical",
        "critical",
    ]
