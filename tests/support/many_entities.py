"""A process that scores records of many entities with a limit of memory, and tells how much it took.

`python -m tests.support.many_entities FOLDER LIMIT_MB ENTITIES` prints the megabytes by which it grew at most, and a
digest of all scores. Without a limit, LIMIT_MB is 0.
"""

import sys
from hashlib import sha256
from pathlib import Path

import numpy as np

from ad_data.columns import Columns
from ad_detection.domain.control import StreamSettings
from ad_detection.domain.judgement import judge_by_streaming
from ad_detection.domain.state import PartitionState
from tests.support.memory import limited
from tests.support.records import sensor_rule

BATCH = 5_000
AGAIN = 20
"""Batches of entities drawn from all, after each was seen once."""


def main(folder: str, limit_mb: int, entities: int) -> None:
    rule = sensor_rule(settings=StreamSettings(parameters={"size": "light"}))
    state = PartitionState(memory=limited(Path(folder), limit_mb * 1_000_000) if limit_mb else None)
    rng, digest = np.random.default_rng(0), sha256()
    first = np.arange(entities).reshape(-1, BATCH)
    batches = [*first, *rng.integers(0, entities, (AGAIN, BATCH))]
    before = peak = 0
    for number, entity in enumerate(batches):
        judgement = judge_by_streaming(state, rule, _columns(entity, number, rng))
        digest.update(judgement.score.tobytes())
        peak = max(peak, _resident_bytes())
        before = before or peak
    print((peak - before) / 1e6, digest.hexdigest())


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


def _resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(pages) * 4096


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
