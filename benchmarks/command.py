"""A benchmark of several sections as a command: what is measured, in which order, and what comes of it."""

import argparse
import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import TypeVar

from benchmarks.engine.figures import Measured, Section, show
from benchmarks.figures import finish

Bench = TypeVar("Bench")
Sections = Mapping[str, Callable[[Bench], Awaitable[Section]]]


async def run(
    sections: Sections[Bench], names: Sequence[str], opened: AbstractAsyncContextManager[Bench]
) -> list[Measured]:
    """Each section is shown as soon as it is measured."""
    figures: list[Measured] = []
    this = asyncio.current_task()
    assert this is not None
    # What was started must be stopped again, also when a time-out ends this process.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    async with opened as bench:
        for name in names:
            begun = time.monotonic()
            section = await sections[name](bench)
            show(f"{name} ({time.monotonic() - begun:.0f} s)", section)
            figures += section.figures
    return figures


def command(
    about: str | None,
    sections: Sections[Bench],
    new_bench: Callable[[bool], AbstractAsyncContextManager[Bench]],
    quick: str,
) -> int:
    """Measure, print, write; 1 when a figure misses what it must reach."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--only", action="append", choices=sections, help="this section; may be repeated")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    names = [name for name in sections if not options.only or name in options.only]
    return finish(asyncio.run(run(sections, names, new_bench(options.quick))), options.json)
