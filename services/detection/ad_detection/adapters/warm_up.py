"""Compiles kernels outside of requests: those that every stream needs at start, others when first asked for."""

import asyncio
import sys

import numpy as np

from ad_chassis.errors import Unavailable
from ad_detection.domain.entities import EntityTable
from ad_detection.domain.names import Names
from ad_detectors.warmup import AT_ONCE, warm_up

WAIT_SECONDS = 20.0


class WarmUp:
    """Readiness of detectors.

    Compiling holds the interpreter's lock for seconds, so that records would wait. A process of its own does it, into
    numba's cache on disk, from where this one reads.
    """

    def __init__(self, wait_seconds: float = WAIT_SECONDS) -> None:
        self._wait_seconds = wait_seconds
        self._compiling: dict[str, asyncio.Task[None]] = {}

    async def start(self) -> None:
        await asyncio.to_thread(warm_up)
        await asyncio.to_thread(warm_up_entities)

    async def stop(self) -> None:
        for task in self._compiling.values():
            task.cancel()
        await asyncio.gather(*self._compiling.values(), return_exceptions=True)

    async def ready(self, algorithm: str) -> None:
        """Return when the detector's kernels are compiled.

        Raises
        ------
        Unavailable
            They are still being compiled, which goes on: ask again.
        """
        if algorithm in AT_ONCE:
            return
        task = self._compiling.get(algorithm)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = self._compiling[algorithm] = asyncio.create_task(_compile(algorithm))
        try:
            await asyncio.wait_for(asyncio.shield(task), self._wait_seconds)
        except TimeoutError as error:
            raise Unavailable(
                f"{algorithm} is being compiled for its first use; try again in a minute"
            ) from error


def warm_up_entities() -> None:
    """What finds the slots of entities: with two of them and room for one, all of it is used."""
    table, names, codes = EntityTable(), Names.of(["a", "b"]), np.arange(2)
    table.place(names, codes, 0, 1)
    table.evict(table.oldest(1))


async def _compile(algorithm: str) -> None:
    command = (sys.executable, "-m", "ad_detectors.warmup", algorithm)
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        reason = said.decode(errors="replace").strip().splitlines()[-1:]
        raise Unavailable(f"{algorithm} could not be compiled: {' '.join(reason)}")
