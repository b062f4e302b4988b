"""The times of anomalies that were sent on purpose."""

import math

from benchmarks.engine.latency import _batch, figures
from benchmarks.engine.progress import Sample

MS = 1_000_000


def test_only_anomalies_that_were_sent_are_timed() -> None:
    sent = {(0, number): 0 for number in range(100)}
    seen = {(0, number): (number + 1) * MS for number in range(100)} | {(5, 5): 900 * MS}
    half, most, never, rate = figures("exactly_once", sent, seen, 20_000, "")
    assert (half.value, most.value, never.value, rate.ok) == (50, 99, 0, True)
    assert not half.ok
    assert most.ok


def test_an_anomaly_that_never_came_is_counted_and_missed() -> None:
    half, most, never, _ = figures(
        "exactly_once", {(0, 1): 0, (0, 2): 0, (1, 1): 0}, {(0, 1): MS, (1, 1): 2 * MS}, 20_000, ""
    )
    assert (half.value, most.value, never.value) == (2, math.inf, 1)
    assert not never.ok


def test_a_sender_that_was_too_slow_spoils_the_measurement() -> None:
    *_, rate = figures("exactly_once", {(0, 1): 0}, {(0, 1): MS}, 15_000, "")
    assert not rate.ok


def test_delivery_at_least_once_must_be_faster() -> None:
    sent, seen = {(0, 1): 0}, {(0, 1): 20 * MS}
    assert figures("exactly_once", sent, seen, 20_000, "")[0].ok
    assert not figures("at_least_once", sent, seen, 20_000, "")[0].ok


def test_the_limit_tells_of_an_average_batch() -> None:
    before = Sample(10.0, 1_000, 5.0, {"handle": 1.0, "commit": 2.0, "batches": 10})
    after = Sample(20.0, 21_000, 9.0, {"handle": 1.5, "commit": 3.0, "batches": 110})
    assert _batch(before, after) == "a batch of 200: handle 5.0 ms, commit 10.0 ms; 0.40 cores busy"
