"""The detection engine as it is run: records per CPU second of a worker, memory, latency, recovery.

`python -m benchmarks.engine [--quick] [--only NAME] [--json FILE]`
"""

import sys

from benchmarks.command import command
from benchmarks.engine import (
    arrow_batches,
    embedded,
    entities,
    growth,
    json_records,
    latency,
    peer,
    recovery,
    replay,
    switch,
)
from benchmarks.engine.bench import Bench

SECTIONS = {
    "peer": peer.measure,
    "json": json_records.measure,
    "arrow": arrow_batches.measure,
    "entities": entities.measure,
    "latency": latency.measure,
    "switch": switch.measure,
    "recovery": recovery.measure,
    "replay": replay.measure,
    "embedded": embedded.measure,
    "growth": growth.measure,
}
"""In this order: the ratios need the peer first."""


def main() -> int:
    return command(__doc__, SECTIONS, lambda quick: Bench(quick=quick), quick="fewer records")


if __name__ == "__main__":
    sys.exit(main())
