"""The memory of a process with more entities than its limit lets it hold."""

import os
import subprocess
import sys
from pathlib import Path

from tests.architecture.project import ROOT

ENTITIES = 300_000
"""987 bytes each, and some 49 of their names."""
LIMIT_MB = 60
ROOM_MB = 45
"""For a batch in hand, and for what the allocator keeps."""


def grown_by(folder: Path, limit_mb: int) -> tuple[float, str]:
    command = [sys.executable, "-m", "tests.support.many_entities", folder, str(limit_mb), str(ENTITIES)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    megabytes, digest = done.stdout.split()
    return float(megabytes), digest


def test_a_process_stays_within_its_limit_with_the_scores_of_one_without(tmp_path: Path) -> None:
    free, expected = grown_by(tmp_path, 0)
    limited, scores = grown_by(tmp_path, LIMIT_MB)
    assert free > 250
    assert limited < LIMIT_MB + ROOM_MB
    assert scores == expected
    assert list(tmp_path.iterdir()) == []
