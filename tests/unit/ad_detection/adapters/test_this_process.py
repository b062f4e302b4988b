"""The memory of this process."""

import numpy as np

from ad_detection.adapters import this_process
from ad_detection.adapters.this_process import ThisProcess

HUNDRED_MB = 100_000_000


def test_what_is_in_use_counts_and_what_was_freed_does_not() -> None:
    process = ThisProcess()
    process.trim()
    before = process.resident_bytes()
    pieces = [np.ones(12_500) for _ in range(1_000)]
    held = process.resident_bytes()
    assert held - before > 0.9 * HUNDRED_MB
    del pieces
    process.trim()
    assert process.resident_bytes() - before < 0.2 * HUNDRED_MB


def test_where_the_kernel_does_not_tell_only_tables_count(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(this_process, "STATM", tmp_path / "none")
    assert ThisProcess().resident_bytes() == 0
