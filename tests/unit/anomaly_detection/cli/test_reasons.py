"""Why an anomaly is one."""

from anomaly_detection.cli.reasons import because

VALUES = {"load": 9.0, "speed": 1.5, "heat": 2.0, "wind": 3.0}
EXPECTED = dict.fromkeys(VALUES, 1.0)


def test_only_features_with_a_tenth_of_the_contribution_are_named_the_strongest_first() -> None:
    shares = {"load": 1.0, "speed": 8.1, "heat": 0.9, "wind": -5.0}
    assert because("zscore", shares, VALUES, EXPECTED) == "speed=1.5 (normal 1), load=9 (normal 1)"


def test_no_more_than_three_are_named() -> None:
    assert because("iqr", dict.fromkeys(VALUES, 1.0), VALUES, EXPECTED).count("normal") == 3


def test_what_adaptive_expects_is_the_closest_usual_value() -> None:
    assert because("adaptive", {"load": 2.0}, VALUES, EXPECTED) == "load=9 (closest usual 1)"


def test_nothing_contributed_is_no_reason() -> None:
    assert because("zscore", {"load": 0.0}, VALUES, EXPECTED) == ""
