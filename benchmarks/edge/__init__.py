"""The edge as it is run: live feeds.

`python -m benchmarks.edge [--quick] [--only NAME] [--json FILE]`
"""

import argparse
import asyncio
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.edge import sockets
from benchmarks.edge.bench import Bench
from benchmarks.engine.figures import Measured, show
from benchmarks.figures import finish

SECTIONS = {"sockets": sockets.measure}


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
    parser.add_argument("--quick", action="store_true", help="fewer clients and calls")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="this section; may be repeated")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    names = [name for name in SECTIONS if not options.only or name in options.only]
    return finish(asyncio.run(run(names, quick=options.quick)), options.json)
