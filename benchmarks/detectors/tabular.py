"""Scorers of rows: ours beside PyOD's and scikit-learn's, fitted on the same rows."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from ad_detectors import catalog
from ad_detectors.artifact import SigningKey, TrustedKeys, load_bytes, save_bytes
from ad_detectors.matrix import Floats
from ad_detectors.model import Model
from benchmarks.detectors.clock import best_seconds
from benchmarks.figures import Figure

FEATURES, TRAINING_ROWS, RECORDS = 10, 10_000, 50
# PyOD's takes one feature only.
WIDTHS = {"mad": 1}
MUST_ROW, MUST_BATCH = 50.0, 1.0
# Against scikit-learn's own forest; one record has a limit in µs besides.
FOREST_MUST = {100: 40.0, 100_000: 3.0}
FOREST_MOST_US = 10.0


@dataclass
class Line:
    """Seconds per call by batch size, ours and theirs, and what the artifact costs."""

    name: str
    ours: dict[int, float] = field(default_factory=dict)
    theirs: dict[int, float] = field(default_factory=dict)
    artifact_bytes: int = 0
    load_seconds: float = 0.0


def peers() -> dict[str, Callable[[], Any]]:
    """PyOD's detectors with its defaults; none where it has no such algorithm without a deep-learning framework."""
    from pyod.models.copod import COPOD
    from pyod.models.ecod import ECOD
    from pyod.models.gmm import GMM
    from pyod.models.hbos import HBOS
    from pyod.models.iforest import IForest
    from pyod.models.inne import INNE
    from pyod.models.knn import KNN
    from pyod.models.loda import LODA
    from pyod.models.lof import LOF
    from pyod.models.mad import MAD
    from pyod.models.mcd import MCD
    from pyod.models.ocsvm import OCSVM
    from pyod.models.pca import PCA

    return {
        "isolation_forest": lambda: IForest(n_estimators=100, max_samples=256, random_state=1),
        "knn": KNN,
        "lof": LOF,
        "inne": lambda: INNE(random_state=1),
        "ocsvm": OCSVM,
        "ecod": ECOD,
        "copod": COPOD,
        "hbos": HBOS,
        "mad": MAD,
        "pca": lambda: PCA(svd_solver="full"),
        "mcd": lambda: MCD(random_state=1),
        "loda": LODA,
        "gmm": lambda: GMM(random_state=1),
    }


def measure(budget: float, sizes: tuple[int, ...]) -> list[Line]:
    """Every batch detector of the catalogue, one after the other."""
    generator = np.random.default_rng(0)
    training = generator.normal(size=(TRAINING_ROWS, FEATURES))
    # One record costs what its place costs: a mean over many.
    repeats = {rows: RECORDS if rows == 1 else 1 for rows in sizes}
    tables = {
        rows: [generator.normal(size=(rows, FEATURES)) for _ in range(count)]
        for rows, count in repeats.items()
    }
    known = peers()
    lines = []
    for name in catalog.names("batch"):
        width = WIDTHS.get(name, FEATURES)
        narrow = {
            rows: [np.ascontiguousarray(table[:, :width]) for table in calls]
            for rows, calls in tables.items()
        }
        lines.append(_line(name, training[:, :width], narrow, budget, known.get(name)))
        print(f"  {name}", flush=True)
    return lines


def _line(
    name: str,
    training: Floats,
    tables: dict[int, list[Floats]],
    budget: float,
    peer: Callable[[], Any] | None,
) -> Line:
    line, key = Line(name), SigningKey.generate()
    model = Model.train(name, training)
    trusted, data = TrustedKeys([key.public]), save_bytes(model, key)
    line.artifact_bytes = len(data)
    line.load_seconds = best_seconds(lambda: load_bytes(data, trusted), budget)
    theirs = None
    if peer is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = peer().fit(training)
    for rows, calls in tables.items():
        line.ours[rows] = _seconds_per_call(model.detector.score, calls, budget)
        if theirs is not None:
            line.theirs[rows] = _seconds_per_call(theirs.decision_function, calls, budget)
    return line


def _seconds_per_call(score: Callable[[Floats], object], calls: list[Floats], budget: float) -> float:
    def run() -> None:
        for rows in calls:
            score(rows)

    return best_seconds(run, budget, 1) / len(calls)


def scikit_learn_forest(budget: float, sizes: tuple[int, ...]) -> dict[int, float]:
    """Seconds per call of scikit-learn's own forest."""
    from sklearn.ensemble import IsolationForest

    generator = np.random.default_rng(0)
    forest = IsolationForest(n_estimators=100, max_samples=256, random_state=1)
    forest.fit(generator.normal(size=(TRAINING_ROWS, FEATURES)).astype(np.float32))
    tables = {rows: generator.normal(size=(rows, FEATURES)).astype(np.float32) for rows in sizes}
    return {
        rows: best_seconds(lambda table=table: forest.score_samples(table), budget)
        for rows, table in tables.items()
    }


def figures(lines: list[Line], forest: dict[int, float]) -> list[Figure]:
    """Ratios with what they must reach; sizes and times for the record."""
    found = []
    for line in lines:
        for rows, seconds in line.ours.items():
            found.append(Figure(f"{line.name}.us_per_call.{rows}", seconds * 1e6, "µs"))
            if rows in line.theirs and rows in {1, max(line.ours)}:
                must = MUST_ROW if rows == 1 else MUST_BATCH
                ratio = line.theirs[rows] / seconds
                found.append(
                    Figure(f"{line.name}.speedup.{rows}", ratio, "x PyOD", must, None, ratio >= must)
                )
        found += [
            Figure(f"{line.name}.artifact_bytes", line.artifact_bytes, "bytes"),
            Figure(f"{line.name}.load_ms", line.load_seconds * 1e3, "ms"),
        ]
        if line.name == "isolation_forest":
            found += _forest_figures(line, forest)
    return found


def _forest_figures(line: Line, forest: dict[int, float]) -> list[Figure]:
    found = []
    for rows, must in FOREST_MUST.items():
        if rows in forest:
            ratio = forest[rows] / line.ours[rows]
            found.append(Figure(f"isolation_forest.vs_sklearn.{rows}", ratio, "x", must, None, ratio >= must))
    micros = line.ours[1] * 1e6
    limit = Figure(
        "isolation_forest.one_record", micros, "µs", FOREST_MOST_US, None, micros <= FOREST_MOST_US
    )
    return [*found, limit]


def show(lines: list[Line], forest: dict[int, float]) -> None:
    """The table for people."""
    title = f"rows/s, one thread; {FEATURES} features, fitted on {TRAINING_ROWS:,} rows"
    table = Table(title=title)
    sizes = list(lines[0].ours)
    table.add_column("detector")
    for rows in sizes:
        table.add_column(f"{rows:,} a call", justify="right")
        table.add_column("× PyOD", justify="right")
    for column in ("one record", "artifact", "load"):
        table.add_column(column, justify="right")
    for line in lines:
        cells = []
        for rows in sizes:
            cells.append(f"{rows / line.ours[rows]:,.0f}")
            cells.append(f"{line.theirs[rows] / line.ours[rows]:,.1f}" if rows in line.theirs else "–")
        size, load = f"{line.artifact_bytes / 1024:,.0f} KiB", f"{line.load_seconds * 1e3:.1f} ms"
        table.add_row(line.name, *cells, f"{line.ours[1] * 1e6:,.1f} µs", size, load)
    console = Console()
    console.print(table)
    speeds = ", ".join(f"{rows / seconds:,.0f} at {rows:,}" for rows, seconds in forest.items())
    console.print(f"scikit-learn's isolation forest, rows/s: {speeds}")
