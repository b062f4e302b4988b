"""The memory of this process."""

import numpy as np

from ad_detection.adapters import this_process
from ad_detection.adapters.this_process import ThisProcess
from tests.support.clock import Clock

HUNDRED_MB = 100_000_000


def test_what_was_freed_is_given_back_once_a_second() -> None:
    clock = Clock()
    process = ThisProcess(clock)
    process.trim()
    before = process.resident_bytes()
    pieces = [np.ones(12_500) for _ in range(1_000)]
    held = process.resident_bytes()
    assert held - before > 0.9 * HUNDRED_MB
    # The last one stands above the others, so that they are not given back anyway.
    del pieces[:-1]
    process.trim()
    assert process.resident_bytes() > held - 0.2 * HUNDRED_MB
    clock.now = 1.0
    process.trim()
    assert process.resident_bytes() - before < 0.2 * HUNDRED_MB


def test_where_the_kernel_does_not_tell_only_tables_count(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(this_process, "STATM", tmp_path / "none")
    assert ThisProcess().resident_bytes() == 0
