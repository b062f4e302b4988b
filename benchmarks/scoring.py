"""Isolation forest: our scorer beside scikit-learn's and PyOD's, in one process, single-threaded.

`python -m benchmarks.scoring [--quick] [--json FILE]`
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from pyod.models.iforest import IForest
from rich.console import Console
from rich.table import Table
from sklearn.ensemble import IsolationForest
from threadpoolctl import threadpool_limits

from ad_detectors import catalog

FEATURES, TRAINING_ROWS, TREES = 10, 10_000, 100
ROWS = (1, 100, 100_000)
MUST = {1: 40.0, 100: 20.0, 100_000: 2.0}
AIM = {1: 400.0, 100: 40.0, 100_000: 3.0}


@dataclass(frozen=True)
class Figure:
    """One line of the result."""

    figure: str
    value: float
    unit: str
    must: float | None
    aim: float | None
    ok: bool


def best_seconds(call: Callable[[], object], seconds: float) -> float:
    """The shortest of many runs: noise only ever adds time."""
    call()
    best, spent = float("inf"), 0.0
    while spent < seconds:
        start = time.perf_counter()
        call()
        took = time.perf_counter() - start
        best, spent = min(best, took), spent + took
    return best


def measure(seconds: float) -> list[tuple[int, dict[str, float]]]:
    """Seconds per call, by number of rows and library."""
    generator = np.random.default_rng(0)
    training = generator.normal(size=(TRAINING_ROWS, FEATURES))
    ours = catalog.create("isolation_forest", trees=TREES, seed=1).fit(training)
    theirs = IsolationForest(n_estimators=TREES, max_samples=256, random_state=1)
    theirs.fit(training.astype(np.float32))
    pyod = IForest(n_estimators=TREES, max_samples=256, random_state=1).fit(training)
    results = []
    for rows in ROWS:
        table = generator.normal(size=(rows, FEATURES))
        same = np.abs(ours.score(table) + theirs.score_samples(table.astype(np.float32))).max()
        if same > 1e-9:
            sys.exit(f"the scores differ by {same}: the comparison would be worthless")
        calls: dict[str, Callable[[], object]] = {
            "ours": partial(ours.score, table),
            "scikit-learn": partial(theirs.score_samples, table.astype(np.float32)),
            "PyOD": partial(pyod.decision_function, table),
        }
        results.append((rows, {name: best_seconds(call, seconds) for name, call in calls.items()}))
    return results


def figures(results: list[tuple[int, dict[str, float]]]) -> list[Figure]:
    """Ratios with their limits; absolute times for the record."""
    found = []
    for rows, seconds in results:
        ratio = seconds["scikit-learn"] / seconds["ours"]
        must, aim = MUST[rows], AIM[rows]
        found.append(Figure(f"scoring.speedup.{rows}", ratio, "x scikit-learn", must, aim, ratio >= must))
        found += [
            Figure(f"scoring.{name}.{rows}", value * 1e6, "µs per call", None, None, True)
            for name, value in seconds.items()
        ]
    return found


def show(results: list[tuple[int, dict[str, float]]]) -> None:
    """The table for people."""
    table = Table(title=f"isolation forest, {TREES} trees of 256 rows, {FEATURES} features, rows/s")
    for column in ("rows per call", "ours", "scikit-learn", "PyOD", "ours / scikit-learn", "ours / PyOD"):
        table.add_column(column, justify="right")
    for rows, seconds in results:
        speeds = [f"{rows / seconds[name]:,.0f}" for name in ("ours", "scikit-learn", "PyOD")]
        ratios = [f"{seconds[name] / seconds['ours']:,.1f} ×" for name in ("scikit-learn", "PyOD")]
        table.add_row(f"{rows:,}", *speeds, *ratios)
    Console().print(table)


def main() -> int:
    """Measure, print, write; 1 when a figure misses what it must reach."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the time, for a first look")
    parser.add_argument("--json", type=Path, help="write the figures here")
    chosen = parser.parse_args()
    with threadpool_limits(1):
        results = measure(0.2 if chosen.quick else 2.0)
    show(results)
    found = figures(results)
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(figure) for figure in found], indent=2))
    return 0 if all(figure.ok for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
