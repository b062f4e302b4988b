"""The public surface, and the examples in docstrings."""

import doctest
import importlib

import pytest

import anomaly_detection


def test_exported_members_are_these_and_no_others() -> None:
    assert anomaly_detection.__all__ == [
        "IQR",
        "AnomalyDetector",
        "ArtifactError",
        "DataError",
        "DetectorError",
        "Explanation",
        "IsolationForest",
        "ParameterError",
        "ZScore",
    ]


@pytest.mark.parametrize("name", anomaly_detection.__all__)
def test_every_exported_member_is_there_and_documented(name) -> None:
    assert getattr(anomaly_detection, name).__doc__


def test_an_unknown_member_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Magic'"):
        _ = anomaly_detection.Magic


@pytest.mark.parametrize("name", ["anomaly_detection", "anomaly_detection.estimators"])
def test_examples_hold(name) -> None:
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert (failed, tried > 0) == (0, True)
