"""Which anomalies a client of the feed sees."""

import pytest

from ad_gateway.domain.filters import AnomalyFilter, FilterError
from tests.support.anomalies import anomaly


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        (AnomalyFilter.of(), True),
        (AnomalyFilter.of(streams=["sensors", "pumps"]), True),
        (AnomalyFilter.of(streams=["pumps"]), False),
        (AnomalyFilter.of(entities=["s1"]), True),
        (AnomalyFilter.of(entities=["s2"]), False),
        (AnomalyFilter.of(models=["forest"]), False),
        (AnomalyFilter.of(severity="medium"), True),
        (AnomalyFilter.of(severity="high"), True),
        (AnomalyFilter.of(severity="critical"), False),
        (AnomalyFilter.of(streams=["sensors"], entities=["s2"]), False),
        (AnomalyFilter.of(kinds=["record"]), True),
        (AnomalyFilter.of(kinds=["silence"]), False),
    ],
)
def test_all_parts_of_a_filter_must_match(wanted: AnomalyFilter, seen: bool) -> None:
    assert wanted.matches(anomaly()) is seen


def test_a_correction_passes_where_what_it_corrects_did() -> None:
    for correction in (
        anomaly(1, supersedes=anomaly().id),
        anomaly(1, supersedes=anomaly().id, retracted=True),
    ):
        for wanted in (
            {},
            {"streams": ["sensors"]},
            {"entities": ["s1"]},
            {"severity": "high"},
            {"kinds": ["record"]},
        ):
            assert AnomalyFilter.of(**wanted).matches(correction)


def test_an_unknown_severity_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(FilterError, match=r"'loud'.*low, medium, high, critical"):
        AnomalyFilter.of(severity="loud")


def test_an_unknown_kind_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(FilterError, match=r"'gap'.*record, silence"):
        AnomalyFilter.of(kinds=["silence", "gap"])
