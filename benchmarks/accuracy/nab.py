"""Streaming detectors on the Numenta Anomaly Benchmark, each fed record by record, with one setting for all series.

The score of a row is 1 - probability when the detector raises an alert there, else 0.
"""

import csv
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from ad_detectors import catalog
from ad_detectors.base import StreamingDetector
from benchmarks.accuracy.nab_scoring import Labelled, Weights, Window, best_score
from benchmarks.figures import Figure

PROFILES = {"standard": "standard", "low FP": "reward_low_FP_rate", "low FN": "reward_low_FN_rate"}
PUBLISHED = {
    "ARTime": 78.2,
    "CAD OSE": 74.1,
    "Numenta HTM": 71.2,
    "KNN-CAD": 64.4,
    "Random Cut Forest": 52.0,
    "windowed Gaussian": 36.7,
}
MUST = {"adaptive rich": 68.0, "adaptive light": 60.0}
AIM = {"adaptive rich": 80.0, "adaptive light": 72.0}
QUICK_STEP = 4


@dataclass(frozen=True, eq=False)
class Series:
    """One labelled series of one variable."""

    name: str
    time_ms: NDArray[np.int64]
    values: NDArray[np.float64]
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class Result:
    """The scores of one detector by profile, and how many alerts it raised."""

    name: str
    scores: dict[str, float]
    alerts: int


def run(folder: Path, quick: bool = False) -> list[Figure]:
    """Judge every streaming detector of the catalogue, show the table, return the figures."""
    series = read_corpus(folder)[:: QUICK_STEP if quick else 1]
    profiles = read_profiles(folder)
    results = [judge(name, detector, series, profiles) for name, detector in detectors().items()]
    show(results, len(series))
    return [figure(result, judged=not quick) for result in results]


def read_corpus(folder: Path) -> list[Series]:
    """The series of `data/` that have labels, in their order."""
    labels = json.loads((folder / "labels" / "combined_windows.json").read_text())
    found = [
        read_series(name, folder / "data" / name, windows)
        for name, windows in labels.items()
        if (folder / "data" / name).exists()
    ]
    if not found:
        raise SystemExit(f"no labelled series in {folder / 'data'}")
    return found


def read_series(name: str, path: Path, labelled: list[list[str]]) -> Series:
    """A CSV file of times and values; windows are given by their first and last time."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    times = np.array([milliseconds(row["timestamp"]) for row in rows])
    windows = []
    for first, last in labelled:
        within = np.flatnonzero((times >= milliseconds(first)) & (times <= milliseconds(last)))
        windows.append((int(within[0]), int(within[-1])))
    values = np.array([float(row["value"]) for row in rows])
    return Series(name, times, values, tuple(windows))


def milliseconds(text: str) -> int:
    """Milliseconds since the epoch; the corpus names no time zone."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def read_profiles(folder: Path) -> dict[str, Weights]:
    """The weights of each profile."""
    known = json.loads((folder / "profiles.json").read_text())
    costs = {title: known[name]["CostMatrix"] for title, name in PROFILES.items()}
    return {
        title: Weights(cost["tpWeight"], cost["fpWeight"], cost["fnWeight"]) for title, cost in costs.items()
    }


def detectors() -> dict[str, StreamingDetector]:
    """Every streaming detector with its defaults; `adaptive` in both sizes."""
    found: dict[str, StreamingDetector] = {}
    for name in catalog.names("streaming"):
        if name == "adaptive":
            found |= {
                f"adaptive {size}": catalog.create_streaming(name, size=size) for size in ("rich", "light")
            }
        else:
            found[name] = catalog.create_streaming(name)
    return found


def judge(
    name: str, detector: StreamingDetector, series: list[Series], profiles: dict[str, Weights]
) -> Result:
    """Feed a detector all series, one entity each, and score its alerts by each profile."""
    corpus = [Labelled(scores_of(detector, one), one.windows) for one in series]
    scores = {title: best_score(corpus, weights)[0] for title, weights in profiles.items()}
    return Result(name, scores, sum(int(np.count_nonzero(one.scores)) for one in corpus))


def scores_of(detector: StreamingDetector, one: Series) -> NDArray[np.float64]:
    """Each row is scored by what came before it: that is how streaming detectors work."""
    slots = np.zeros(len(one.values), np.int64)
    found = detector.update(detector.new_state(1), slots, one.values.reshape(-1, 1), one.time_ms)
    return np.where(found.anomaly, 1.0 - found.probability, 0.0)


def figure(result: Result, judged: bool) -> Figure:
    """The standard score with its limits; a part of the corpus has none."""
    value = result.scores["standard"]
    must = MUST.get(result.name) if judged else None
    aim = AIM.get(result.name) if judged else None
    name = f"nab.{result.name.replace(' ', '.')}"
    return Figure(name, value, "NAB standard", must, aim, must is None or value >= must)


def show(results: list[Result], count: int) -> None:
    """The table for people, best first, with the published figures of the 31 development series."""
    table = Table(title=f"NAB, {count} series (published: on the 31 for development)")
    for column in ("detector", *PROFILES, "alerts"):
        table.add_column(column, justify="left" if column == "detector" else "right")
    lines = [
        (r.scores["standard"], [r.name, *(f"{s:.1f}" for s in r.scores.values()), str(r.alerts)])
        for r in results
    ]
    lines += [
        (value, [f"published: {name}", f"{value:.1f}", "", "", ""]) for name, value in PUBLISHED.items()
    ]
    for _, cells in sorted(lines, key=lambda line: -line[0]):
        table.add_row(*cells)
    Console().print(table)
