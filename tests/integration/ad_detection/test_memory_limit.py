"""The memory of a process with more entities than its limit lets it hold."""

import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.project import ROOT

ENTITIES = 300_000
"""987 bytes each, and some 49 of their names."""
ROOM_MB = 80
"""What the limit lets the process grow by."""


def run(folder: Path, room_mb: int) -> tuple[float, str]:
    """By how many megabytes the process grew at most, and a digest of all scores."""
    command = [sys.executable, "-m", "tests.support.many_entities", folder, str(room_mb), str(ENTITIES)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    before, most, digest = done.stdout.split()
    return float(most) - float(before), digest


def test_a_process_stays_within_its_limit_with_the_scores_of_one_without(tmp_path: Path) -> None:
    free, expected = run(tmp_path, 0)
    limited, scores = run(tmp_path, ROOM_MB)
    assert free > 250
    assert limited <= ROOM_MB
    assert scores == expected
    assert list(tmp_path.iterdir()) == []
