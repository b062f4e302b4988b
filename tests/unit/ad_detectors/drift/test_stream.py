"""What all detectors of streams do, by the example of one."""

import numpy as np
import pytest

from ad_detectors.drift.page_hinkley import PageHinkley
from ad_detectors.errors import DataError, ParameterError


def test_findings_of_several_features_are_in_the_order_of_rows_and_know_their_time() -> None:
    rows = np.random.default_rng(0).normal(size=(1000, 3))
    rows[700:, 0] += 9.0
    rows[500:, 2] += 9.0
    detector = PageHinkley(features=["a", "b", "c"])
    report = detector.update(detector.new_state(), rows, np.arange(1000) * 60_000)
    assert [drift.feature for drift in report.findings] == ["c", "a"]
    assert [drift.time_ms for drift in report.findings] == [drift.row * 60_000 for drift in report.findings]
    assert report.drifted == ("a", "c")


def test_rows_are_counted_over_all_calls_and_missing_ones_too() -> None:
    values = np.random.default_rng(0).normal(size=(1000, 1))
    values[800:] += 9.0
    values[100:300] = np.nan
    detector = PageHinkley()
    state = detector.new_state(1)
    assert not detector.update(state, values[:600], np.arange(600)).findings
    drift = detector.update(state, values[600:], np.arange(600, 1000)).findings[0]
    assert drift.since_row == 800
    assert drift.row == drift.time_ms


def test_a_state_of_other_arrays_is_refused_by_name() -> None:
    detector = PageHinkley()
    state, rows = detector.new_state(2), np.zeros((3, 2))
    for name, wrong in (("means", np.zeros(2, np.float32)), ("excess", np.zeros((2, 3)))):
        with pytest.raises(DataError, match=f"array '{name}' of the state"):
            detector.update(state | {name: wrong}, rows, np.arange(3))
    frozen = state["means"].copy()
    frozen.flags.writeable = False
    with pytest.raises(DataError, match="writable"):
        detector.update(state | {"means": frozen}, rows, np.arange(3))
    with pytest.raises(DataError, match="differ in more"):
        detector.update(state | {"more": frozen}, rows, np.arange(3))


@pytest.mark.parametrize("value", ["a", 1.5, 0, -1])
def test_a_state_is_made_for_a_whole_number_of_features(value) -> None:
    with pytest.raises(ParameterError) as caught:
        PageHinkley().new_state(value)
    assert str(caught.value) == f"parameter 'features' is {value!r}; valid is a whole number of at least 1"


def test_without_names_a_state_must_be_told_how_many_features_there_are() -> None:
    with pytest.raises(DataError, match="say how many or give their names"):
        PageHinkley().new_state()
