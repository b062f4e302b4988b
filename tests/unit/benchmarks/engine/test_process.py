"""What the kernel says of a process is read as it is meant."""

import os
import time

from benchmarks.engine.process import (
    cpu_seconds,
    memory,
    parse_cpu,
    parse_memory,
    parse_waiting,
    waiting_seconds,
)

STAT = "17 (a (worker) of 2) S 1 17 17 0 -1 4194560 900 0 0 0 250 50 7 8 20 0 9 0 100 1000 200"


def test_cpu_seconds_are_user_and_system_time_without_that_of_children() -> None:
    assert parse_cpu(STAT, ticks_per_second=100) == 3.0


def test_cpu_seconds_of_this_process_are_those_that_python_counts() -> None:
    before, counted = cpu_seconds(os.getpid()), time.process_time()
    while time.process_time() - counted < 0.2:
        pass
    assert abs(cpu_seconds(os.getpid()) - before - 0.2) < 0.05


def test_waiting_for_a_core_is_the_second_of_three_figures_in_nanoseconds() -> None:
    assert parse_waiting("9000000000 2500000000 77\n") == 2.5
    assert waiting_seconds(os.getpid()) >= 0.0


def test_memory_is_told_in_bytes_now_and_at_its_peak() -> None:
    found = parse_memory(
        "Name:\tworker\nVmPeak:\t 900 kB\nVmHWM:\t    200 kB\nVmRSS:\t    150 kB\nThreads:\t9\n"
    )
    assert (found.resident, found.peak) == (150 * 1024, 200 * 1024)


def test_the_peak_of_this_process_is_at_least_what_it_has_now() -> None:
    found = memory(os.getpid())
    assert found.peak >= found.resident > 1 << 20
