"""Anomalies in tables: the detectors of the catalogue on ADBench, beside the published table.

`python -m benchmarks.accuracy --adbench DIR`
"""

import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits

from benchmarks.accuracy.adbench_cases import Case, cases
from benchmarks.accuracy.adbench_protocol import SEEDS, measure, published, split, table_sets
from benchmarks.figures import Figure

AUTO = {"auroc": (0.782, 0.81), "ap": (0.435, 0.50)}
QUICK_SETS, QUICK_SEEDS = 4, SEEDS[:1]
SHORT = 9

BySet = dict[str, tuple[float, float]]


@dataclass(frozen=True)
class Result:
    """AUROC and average precision of a detector, by set and as means."""

    case: Case
    by_set: BySet
    seconds: float

    @property
    def means(self) -> tuple[float, float]:
        """Over the sets."""
        auroc, precision = np.mean(list(self.by_set.values()), axis=0)
        return float(auroc), float(precision)


def run(folder: Path, quick: bool = False) -> list[Figure]:
    """Measure every case, print the tables, return the figures; quick ones have nothing to reach."""
    with threadpool_limits(1):
        results = measured(folder, quick)
    aurocs, precisions = published(folder, "auroc"), published(folder, "ap")
    columns = {
        name: {each: (aurocs[name][each], precisions[name][each]) for each in results[0].by_set}
        for name in aurocs
    }
    show_means(results, columns)
    for place, title in enumerate(("AUROC", "average precision")):
        show_sets(results, columns, place, title)
    return figures(results, columns, quick)


def measured(folder: Path, quick: bool) -> list[Result]:
    """Every case on every set."""
    sets = table_sets(folder)
    if quick:
        sets = sorted(sets, key=lambda data: data.rows.size)[:QUICK_SETS]
    splits = {data.name: [split(data, seed) for seed in (QUICK_SEEDS if quick else SEEDS)] for data in sets}
    results = []
    for case in cases():
        started = time.process_time()
        by_set = {name: measure(parts, case.fit_and_score) for name, parts in splits.items()}
        results.append(Result(case, by_set, time.process_time() - started))
    return results


def mean(column: BySet, place: int) -> float:
    """Of a published column, over the sets that it has."""
    return float(np.nanmean([figures[place] for figures in column.values()]))


def show_means(results: list[Result], columns: dict[str, BySet]) -> None:
    """One row per detector, the best first, ours and the published ones."""
    table = Table(title="ADBench: means over the sets")
    for heading in ("detector", "AUROC", "AP", "published", "AUROC", "AP", "difference", "seconds"):
        table.add_column(heading, justify="left" if heading in {"detector", "published"} else "right")
    for result in sorted(results, key=lambda each: -each.means[0]):
        auroc, precision = result.means
        row = [result.case.label, f"{auroc:.4f}", f"{precision:.4f}"]
        column = result.case.column
        if column:
            theirs = mean(columns[column], 0), mean(columns[column], 1)
            row += [column, f"{theirs[0]:.4f}", f"{theirs[1]:.4f}", f"{auroc - theirs[0]:+.4f}"]
        else:
            row += [""] * 4
        table.add_row(*row, f"{result.seconds:.0f}")
    known = {result.case.column for result in results}
    for name in sorted(set(columns) - known, key=lambda each: -mean(columns[each], 0)):
        theirs = mean(columns[name], 0), mean(columns[name], 1)
        table.add_row("", "", "", name, f"{theirs[0]:.4f}", f"{theirs[1]:.4f}", "", "")
    best = best_per_set(columns)
    table.add_row("", "", "", "best per set", f"{mean(best, 0):.4f}", f"{mean(best, 1):.4f}", "", "")
    Console(width=110).print(table)


def best_per_set(columns: dict[str, BySet]) -> BySet:
    """What a choice with labels among the published detectors would reach."""
    names = next(iter(columns.values()))
    return {
        each: (
            float(np.nanmax([column[each][0] for column in columns.values()])),
            float(np.nanmax([column[each][1] for column in columns.values()])),
        )
        for each in names
    }


def show_sets(results: list[Result], columns: dict[str, BySet], place: int, title: str) -> None:
    """One measure by set; published columns in brackets."""
    names = list(results[0].by_set)
    table = Table(title=f"ADBench: {title} by set", padding=(0, 0))
    for heading in ("detector", *(name[:SHORT] for name in names)):
        table.add_column(heading, justify="left" if heading == "detector" else "right")
    ours = {result.case.label: result.by_set for result in results}
    theirs = {f"({name})": column for name, column in columns.items()}
    for label, by_set in {**ours, **theirs}.items():
        found = [by_set[name][place] for name in names]
        table.add_row(label, *("-" if math.isnan(value) else f"{value:.3f}" for value in found))
    Console(width=20 + (SHORT + 1) * len(names)).print(table)


def figures(results: list[Result], columns: dict[str, BySet], quick: bool) -> list[Figure]:
    """`auto` against what it must reach, the others against the published table."""
    found = []
    for result in results:
        label, limit = result.case.label.replace(", ", "."), result.case.within
        for measure_name, value in zip(("auroc", "ap"), result.means, strict=True):
            must, aim = AUTO[measure_name] if label == "auto" and not quick else (None, None)
            met = must is None or value >= must
            found.append(Figure(f"adbench.{label}.{measure_name}", value, "mean", must, aim, met))
        if limit is not None and not quick:
            reference = result.case.reference or mean(columns[result.case.column], 0)
            apart = abs(result.means[0] - reference)
            found.append(
                Figure(
                    f"adbench.{label}.apart", apart, "AUROC from the published", limit, None, apart <= limit
                )
            )
    return found
