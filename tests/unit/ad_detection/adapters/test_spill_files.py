"""Files of spilled entities."""

import os
from pathlib import Path

import numpy as np
import pytest

from ad_detection.adapters.spill_files import SpillFiles


def test_rows_come_back_as_they_were_written_last(tmp_path: Path) -> None:
    file = SpillFiles(tmp_path / "spilled").open(3)
    rows = np.arange(12, dtype=np.uint8).reshape(4, 3)
    file.write(np.array([1, 2, 5, 9]), rows)
    file.write(np.array([5]), rows[:1])
    assert file.read(np.array([1, 5, 9])).tolist() == [[0, 1, 2], [0, 1, 2], [9, 10, 11]]
    assert file.read(np.array([], dtype=np.int64)).shape == (0, 3)


def test_no_file_is_left_when_the_process_ends_however_it_ends(tmp_path: Path) -> None:
    file = SpillFiles(tmp_path).open(3)
    file.write(np.array([0]), np.zeros((1, 3), dtype=np.uint8))
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_a_part_is_given_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: whole(fd, data[:2], at))
    file = SpillFiles(tmp_path).open(3)
    file.write(np.array([4, 5]), np.arange(6, dtype=np.uint8).reshape(2, 3))
    assert file.read(np.array([4, 5])).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_a_full_disk_is_an_error_and_not_a_signal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_file: int, _data: memoryview, _at: int) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    file = SpillFiles(tmp_path).open(3)
    with pytest.raises(OSError, match="No space left"):
        file.write(np.array([0]), np.zeros((1, 3), dtype=np.uint8))


def test_a_file_that_was_cut_off_gives_no_zeros(tmp_path: Path) -> None:
    file = SpillFiles(tmp_path).open(3)
    with pytest.raises(OSError, match="cut off"):
        file.read(np.array([7]))
