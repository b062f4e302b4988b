"""CPU seconds of one thread: fair on a machine that others use too."""

import time
from collections.abc import Callable


def best_seconds(call: Callable[[], object], budget: float, least: int = 3) -> float:
    """The shortest of several runs, each of at least 5 ms; noise only ever adds time."""
    call()
    repeats = 1
    while (took := _seconds(call, repeats)) < 0.005:
        repeats *= max(2, min(int(0.006 / max(took, 1e-6)), 100))
    best, spent, runs = took / repeats, took, 1
    while spent < budget or (runs < least and spent < 10 * budget):
        took = _seconds(call, repeats)
        best, spent, runs = min(best, took / repeats), spent + took, runs + 1
    return best


def _seconds(call: Callable[[], object], repeats: int) -> float:
    start = time.process_time()
    for _ in range(repeats):
        call()
    return time.process_time() - start
