"""The protocol of ADBench's published table: how the data is drawn, split and scaled, and what is measured."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler

from ad_detectors.matrix import Floats

SEEDS = (1, 2, 3)
FEWEST_ROWS, MOST_ROWS = 1_000, 10_000
TEST_SHARE = 0.3
MEASURES = {"auroc": "published_aucroc.csv", "ap": "published_aucpr.csv"}

Labels = NDArray[np.int64]
FitAndScore = Callable[[Floats, Floats, int], Floats]


@dataclass(frozen=True, eq=False)
class TableSet:
    """One set: float64 rows and a label per row, 1 for an anomaly."""

    name: str
    rows: Floats
    labels: Labels


@dataclass(frozen=True, eq=False)
class Split:
    """What a detector is fitted to, without labels, and what it is measured on."""

    train: Floats
    test: Floats
    labels: Labels


def table_sets(folder: Path) -> list[TableSet]:
    """The sets of a folder, in the order of their numbers."""
    paths = sorted(folder.glob("*.npz"), key=lambda path: int(path.stem.split("_")[0]))
    if not paths:
        raise FileNotFoundError(f"no ADBench set in {folder}: expected files such as 6_cardio.npz")
    return [_table_set(path) for path in paths]


def _table_set(path: Path) -> TableSet:
    with np.load(path, allow_pickle=False) as arrays:
        rows, labels = arrays["X"].astype(np.float64), arrays["y"].astype(np.int64)
    return TableSet(path.stem.split("_", 1)[1], rows, labels)


def split(data: TableSet, seed: int) -> Split:
    """Draw, split and scale; what NumPy's legacy generator draws is part of the protocol.

    The generator is the global one there; scikit-learn goes on with it where it is given.
    """
    state = np.random.RandomState(seed)
    count = len(data.labels)
    chosen = np.arange(count)
    if count < FEWEST_ROWS:
        chosen = state.choice(count, FEWEST_ROWS, replace=True)
    elif count > MOST_ROWS:
        chosen = state.choice(count, MOST_ROWS, replace=False)
    rows, labels = data.rows[chosen], data.labels[chosen]
    train, test, _, expected = train_test_split(
        rows, labels, test_size=TEST_SHARE, shuffle=True, stratify=labels, random_state=state
    )
    scaler = MinMaxScaler().fit(train)
    return Split(scaler.transform(train), scaler.transform(test), expected)


def measure(splits: list[Split], fit_and_score: FitAndScore) -> tuple[float, float]:
    """AUROC and average precision, the means over splits; the seed of a split is its number, from 1."""
    found = []
    for seed, part in enumerate(splits, start=1):
        scores = fit_and_score(part.train, part.test, seed)
        auroc = roc_auc_score(part.labels, scores)
        found.append((auroc, average_precision_score(part.labels, scores)))
    auroc, precision = np.mean(found, axis=0)
    return float(auroc), float(precision)


def published(folder: Path, measured: str) -> dict[str, dict[str, float]]:
    """By detector and set; a figure that is not there (DAGMM on SpamBase) is NaN."""
    with (folder / MEASURES[measured]).open(newline="") as file:
        rows = list(csv.DictReader(file))
    detectors = [name for name in rows[0] if name != "dataset"]
    return {name: {row["dataset"]: float(row[name] or "nan") for row in rows} for name in detectors}
