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


def test_rights_hold_whatever_is_asked_for() -> None:
    everything, pumps = AnomalyFilter.of(), AnomalyFilter.of(streams=["sensors", "pumps"])
    for wanted in (everything, pumps):
        assert not wanted.within(frozenset({"pumps"})).matches(anomaly())
        assert wanted.within(frozenset({"sensors"})).matches(anomaly())
        assert not wanted.within(frozenset()).matches(anomaly())
        assert wanted.within(frozenset()).within(None).matches(anomaly())


def test_a_filter_stays_small() -> None:
    with pytest.raises(FilterError, match=r"101 values of entity.*100"):
        AnomalyFilter.of(entities=map(str, range(101)))
    with pytest.raises(FilterError, match="stream is longer than 1000"):
        AnomalyFilter.of(streams=["x" * 1001])
