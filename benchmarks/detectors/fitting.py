"""What fitting costs: CPU time beside PyOD's, peak memory, and what an explanation costs, narrow and wide."""

import time
import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ad_detectors import catalog
from ad_detectors.matrix import Floats
from benchmarks.detectors.tabular import WIDTHS, peers
from benchmarks.figures import Figure

SHAPES = ((10_000, 10), (2_000, 200))
QUICK_SHAPES = ((2_000, 10), (600, 60))
EXPLAINED = 100
LONG = 0.2
"""A fit of so many seconds is measured once, a shorter one again."""


@dataclass(frozen=True)
class Fit:
    """One detector at one shape; memory in sizes of the training matrix, on top of it."""

    name: str
    shape: tuple[int, int]
    seconds: float
    memory: float
    explain_seconds: float
    theirs: float | None


def measure(quick: bool) -> list[Fit]:
    """Every batch detector at both shapes."""
    generator, known, found = np.random.default_rng(0), peers(), []
    for rows, features in QUICK_SHAPES if quick else SHAPES:
        mixed = np.eye(features) + generator.normal(size=(features, features)) / np.sqrt(features)
        matrix = generator.normal(size=(rows, features)) @ mixed
        for name in catalog.names("batch"):
            narrow = np.ascontiguousarray(matrix[:, : WIDTHS.get(name, features)])
            found.append(_fit(name, narrow, known.get(name)))
        print(f"  fits of {rows:,} × {features}", flush=True)
    return found


def _fit(name: str, matrix: Floats, peer: Callable[[], Any] | None) -> Fit:
    # Imports and machine code are no part of a fit.
    detector = catalog.create(name).fit(matrix[:100])
    detector.warm_up()
    seconds = _best_seconds(lambda: detector.fit(matrix))
    explain = _best_seconds(lambda: detector.explain(matrix[:EXPLAINED]))
    tracemalloc.start()
    detector.fit(matrix)
    memory = tracemalloc.get_traced_memory()[1] / matrix.nbytes
    tracemalloc.stop()
    theirs = None
    if peer is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            peer().fit(matrix[:100])
            theirs = _best_seconds(lambda: peer().fit(matrix))
    return Fit(name, (len(matrix), matrix.shape[1]), seconds, memory, explain, theirs)


def _best_seconds(call: Callable[[], object]) -> float:
    best = np.inf
    for _ in range(3):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
        if best > LONG:
            break
    return best


def figures(fits: list[Fit]) -> list[Figure]:
    """For the record; nothing of a fit is promised."""
    found = []
    for fit in fits:
        start = f"{fit.name}.fit.{fit.shape[0]}x{fit.shape[1]}"
        found += [
            Figure(f"{start}.seconds", fit.seconds, "s"),
            Figure(f"{start}.memory", fit.memory, "x matrix"),
            Figure(f"{start}.explain_ms", fit.explain_seconds * 1e3, "ms"),
        ]
        if fit.theirs is not None:
            found.append(Figure(f"{start}.vs_pyod", fit.theirs / fit.seconds, "x PyOD"))
    return found


def show(fits: list[Fit]) -> None:
    """The table for people."""
    table = Table(title=f"fits, one thread; explanations of {EXPLAINED} rows")
    for column in ("detector", "rows × features", "fit", "× PyOD", "memory, × matrix", "explain"):
        table.add_column(column, justify="left" if column == "detector" else "right")
    for fit in sorted(fits, key=lambda fit: fit.name):
        ratio = "–" if fit.theirs is None else f"{fit.theirs / fit.seconds:,.1f}"
        cells = f"{fit.shape[0]:,} × {fit.shape[1]}", f"{fit.seconds:,.3f} s", ratio, f"{fit.memory:,.1f}"
        table.add_row(fit.name, *cells, f"{fit.explain_seconds * 1e3:,.1f} ms")
    Console().print(table)
