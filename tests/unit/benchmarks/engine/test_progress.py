"""What a worker tells of itself, and what that makes per second."""

import math

import pytest

from benchmarks.engine.progress import COUNTED, Rates, Sample, rates, steps, total

TEXT = """\
# HELP anomaly_detection_records_total Records handled and committed.
anomaly_detection_records_total{service="detection",topic="bench"} 1200.0
anomaly_detection_records_total{service="detection",topic="other"} 7.0
anomaly_detection_records_total{service="storing",topic="bench"} 30.0
anomaly_detection_records_created{service="detection",topic="bench"} 1.7e+09
anomaly_detection_step_seconds_sum{service="detection",step="handle",topic="bench"} 1.5
anomaly_detection_step_seconds_sum{service="detection",step="commit",topic="bench"} 0.5
anomaly_detection_step_seconds_sum{service="detection",step="commit",topic="other"} 9.0
"""


def test_a_metric_is_summed_over_all_label_sets_that_fit() -> None:
    assert total(TEXT, COUNTED, topic="bench") == 1230
    assert total(TEXT, COUNTED, topic="bench", service="detection") == 1200
    assert total(TEXT, COUNTED, topic="none") == 0


def test_steps_are_those_of_one_topic() -> None:
    assert steps(TEXT, "bench") == {"handle": 1.5, "commit": 0.5}


def test_rates_are_from_the_first_look_to_the_last() -> None:
    found = rates([Sample(10.0, 100, 1.0), Sample(11.0, 300, 1.5), Sample(12.0, 500, 2.0)])
    assert found.per_cpu_second == 400


def test_the_clock_stops_at_the_last_look_at_which_work_was_left() -> None:
    found = rates([Sample(0.0, 0, 0.0), Sample(1.0, 100, 0.8), Sample(9.0, 150, 1.2)])
    assert (found.per_second, found.cores) == (100, 0.8)
    assert found.per_cpu_second == 125


def test_two_looks_are_enough() -> None:
    found = rates([Sample(0.0, 0, 0.0), Sample(2.0, 100, 1.0)])
    assert (found.per_second, found.per_cpu_second) == (50, 100)


def test_rows_are_counted_when_a_message_has_many() -> None:
    found = rates([Sample(0.0, 0, 0.0), Sample(1.0, 10, 1.0), Sample(2.0, 20, 2.0)], rows_per_message=1000)
    assert (found.per_second, found.per_cpu_second) == (10_000, 10_000)


def test_fewer_than_two_looks_make_no_rate() -> None:
    for samples in ([], [Sample(0.0, 5, 1.0)]):
        found = rates(samples)
        assert math.isnan(found.per_second)
        assert math.isnan(found.per_cpu_second)


def test_steps_count_from_the_first_look_on() -> None:
    found = rates([Sample(0.0, 0, 0.0, {"handle": 1.0}), Sample(1.0, 9, 1.0, {"handle": 1.6, "commit": 0.2})])
    assert found.steps == pytest.approx({"handle": 0.6, "commit": 0.2})


def test_the_limit_says_how_busy_the_workers_were_and_with_what() -> None:
    assert Rates(1, 1, 0.95, {"handle": 3.0, "commit": 1.0}).limit() == (
        "0.95 cores busy; commit 25%, handle 75%"
    )
