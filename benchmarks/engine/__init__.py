"""The detection engine as it is run: records per CPU second of a worker, memory, latency, recovery.

`python -m benchmarks.engine [--quick] [--only NAME] [--json FILE]`
"""

import argparse
import asyncio
import signal
import time
from collections.abc import Sequence
from pathlib import Path

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
from benchmarks.engine.figures import Measured, show
from benchmarks.figures import finish

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


async def run(names: Sequence[str], *, quick: bool) -> list[Measured]:
    """Each section is shown as soon as it is measured."""
    figures: list[Measured] = []
    this = asyncio.current_task()
    assert this is not None
    # What was started must be stopped again, also when a time-out ends this process.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    async with Bench(quick=quick) as bench:
        for name in names:
            begun = time.monotonic()
            section = await SECTIONS[name](bench)
            show(f"{name} ({time.monotonic() - begun:.0f} s)", section)
            figures += section.figures
    return figures


def main() -> int:
    """Measure, print, write; 1 when a figure misses what it must reach."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer records")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="this section; may be repeated")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    names = [name for name in SECTIONS if not options.only or name in options.only]
    return finish(asyncio.run(run(names, quick=options.quick)), options.json)
