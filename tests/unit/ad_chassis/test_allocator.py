"""What the allocator keeps of what was freed."""

import subprocess
import sys

import pytest

from ad_chassis.allocator import OPERATORS_OWN, return_large_blocks

FREED = """
import numpy as np, sys
from pathlib import Path
from ad_chassis.allocator import return_large_blocks
if sys.argv[1] == "returned":
    assert return_large_blocks()
np.ones(3_900_000)  # from now on the allocator would keep what is smaller
large, small = [], []
for _ in range(40):
    large.append(np.ones(1_000_000))
    small.append(np.ones(2_000))
del large
print(int(Path("/proc/self/statm").read_text().split()[1]) * 4096)
"""


def resident_bytes(how: str) -> int:
    """Of a process that has freed 320 MB between small things that it keeps."""
    done = subprocess.run([sys.executable, "-c", FREED, how], check=True, capture_output=True, text=True)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="of glibc alone")
def test_large_blocks_are_not_kept_between_small_ones() -> None:
    assert resident_bytes("kept") - resident_bytes("returned") > 250_000_000


@pytest.mark.parametrize("name", OPERATORS_OWN)
def test_what_an_operator_has_set_stays(name: str, monkeypatch) -> None:
    monkeypatch.setenv(name, "1048576")
    assert not return_large_blocks()
