"""A process that scores records of many entities with a limit of memory, and tells how much it took.

`python -m tests.support.many_entities FOLDER ROOM_MB ENTITIES` prints the megabytes that it took before the
first record and at most, and a digest of all scores. The limit is the former and ROOM_MB; without one, ROOM_MB is 0.
"""

import sys
from hashlib import sha256
from pathlib import Path

import numpy as np

from ad_data.columns import Columns
from ad_detection.adapters.spill_files import SpillFiles
from ad_detection.adapters.this_process import ThisProcess
from ad_detection.domain.control import StreamSettings
from ad_detection.domain.judgement import judge_by_streaming
from ad_detection.domain.memory import Memory
from ad_detection.domain.state import PartitionState
from ad_detection.main import LIVE_SHARE
from tests.support.records import sensor_rule

BATCH = 5_000
AGAIN = 20
"""Batches of entities drawn from all, after each was seen once."""


def main(folder: str, room_mb: int, entities: int) -> None:
    rule = sensor_rule(settings=StreamSettings(parameters={"size": "light"}))
    process, files = ThisProcess(), SpillFiles(Path(folder))
    judge_by_streaming(PartitionState(), rule, _columns(np.arange(1), 0, np.random.default_rng(0)))
    before = process.resident_bytes()
    limit_bytes = round(LIVE_SHARE * (before + room_mb * 1_000_000))
    memory = Memory(limit_bytes, files.open, process) if room_mb else None
    state = PartitionState(memory=memory)
    rng, digest = np.random.default_rng(0), sha256()
    first = np.arange(entities).reshape(-1, BATCH)
    batches = [*first, *rng.integers(0, entities, (AGAIN, BATCH))]
    peak = before
    for number, entity in enumerate(batches):
        if memory is not None:
            memory.look()
        judgement = judge_by_streaming(state, rule, _columns(entity, number, rng))
        digest.update(judgement.score.tobytes())
        peak = max(peak, process.resident_bytes())
    print(before / 1e6, peak / 1e6, digest.hexdigest())


def _columns(entity: np.ndarray, number: int, rng: np.random.Generator) -> Columns:
    names, codes = np.unique(entity, return_inverse=True)
    place = np.arange(len(entity), dtype=np.int64)
    return Columns(
        features=rng.normal(size=(len(entity), 1)),
        names=("load",),
        time_ms=np.full(len(entity), 1_000 * number, dtype=np.int64),
        messages=place,
        rows=place,
        entities=[f"session-{name:09d}" for name in names.tolist()],
        entity_codes=codes.astype(np.int64),
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
