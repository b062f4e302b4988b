"""Series detectors on machines and servers with many metrics: SMD and ASD, fitted on the train part."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from ad_detectors import catalog
from ad_detectors.evaluation_ranges import natural_window, vus_pr
from benchmarks.figures import Figure

Scores = NDArray[np.float64]
Run = Callable[["Series"], Scores]

FAMILIES = {"SMD": "machine-", "ASD": "omi-"}
AIMS = {"SMD": 0.60, "ASD": 0.35}
JUDGED = "series_auto"
BATCH = ("pca", "knn", "isolation_forest")
REFERENCES = ("PyOD PCA", "PyOD KNN")
FIXED = 100
PUBLISHED = {
    "published: PCA of TSB-AD": {"machine-2-1": 0.253, "machine-3-4": 0.246},
    "published: best of TSB-AD": {"machine-2-1": 0.505, "machine-3-4": 0.649},
}
MEANS = {"published: KNN on all of SMD / ASD": {"SMD": 0.535, "ASD": 0.306}}


@dataclass(frozen=True, eq=False)
class Series:
    """One machine or server."""

    name: str
    train: Scores
    test: Scores
    label: NDArray[np.bool_]

    @property
    def family(self) -> str:
        """SMD or ASD."""
        return next(family for family, prefix in FAMILIES.items() if self.name.startswith(prefix))


def run(folder: Path, quick: bool = False) -> list[Figure]:
    """Score every series with every detector, print VUS-PR per series and family, and return the family means."""
    series = _load(folder)
    if quick:
        series = [next(one for one in series if one.family == family) for family in FAMILIES]
    table = _table(series)
    means = {name: _row(table, name, detect, series) for name, detect in _detectors().items()}
    for name, values in PUBLISHED.items():
        known = [f"{values[one.name]:.3f}" if one.name in values else "–" for one in series]
        table.add_row(name, *known, *["–"] * (2 * len(FAMILIES) + 1))
    for name, values in MEANS.items():
        known = [f"{values[family]:.3f}" for family in FAMILIES]
        table.add_row(name, *["–"] * len(series), *known, *["–"] * (len(FAMILIES) + 1))
    Console(width=200).print(table)
    return [_figure(family, means) for family in FAMILIES]


def _load(folder: Path) -> list[Series]:
    files = [path for prefix in FAMILIES.values() for path in sorted(folder.glob(f"{prefix}*.npz"))]
    if not files:
        raise SystemExit(f"no machine-*.npz or omi-*.npz in {folder}")
    found = []
    for path in files:
        with np.load(path, allow_pickle=False) as data:
            parts = (np.asarray(data[part], np.float64) for part in ("train", "test"))
            found.append(Series(path.stem, *parts, np.asarray(data["label"], np.bool_).ravel()))
    return found


def _detectors() -> dict[str, Run]:
    ours: dict[str, Run] = {
        name: lambda one, name=name: catalog.create_fitted(name).fit(one.train).score(one.test)
        for name in (*catalog.names("series"), *BATCH)
    }
    return {
        **ours,
        "PyOD PCA": _pyod_pca,
        "PyOD KNN": _pyod_knn,
        "PCA as published, run here": _published_pca,
    }


def _pyod_pca(one: Series) -> Scores:
    from pyod.models.pca import PCA

    found: Scores = PCA(svd_solver="full").fit(one.train).decision_function(one.test)
    return found


def _pyod_knn(one: Series) -> Scores:
    from pyod.models.knn import KNN

    found: Scores = KNN().fit(one.train).decision_function(one.test)
    return found


def _published_pca(one: Series) -> Scores:
    """TSB-AD's protocol of 2024: a quarter of the variance, fitted to the very series that is scored."""
    from pyod.models.pca import PCA

    found: Scores = PCA(n_components=0.25, svd_solver="full").fit(one.test).decision_scores_
    return found


def _table(series: list[Series]) -> Table:
    table = Table(title="VUS-PR, tolerance from the autocorrelation of the first channel (L) or fixed")
    table.add_column("detector", min_width=34)
    for one in series:
        table.add_column(f"{one.name}\nL={natural_window(one.test[:, 0])}", justify="right")
    for title in (*FAMILIES, *(f"{family}\nL={FIXED}" for family in FAMILIES), "CPU s"):
        table.add_column(title, justify="right")
    return table


def _row(table: Table, name: str, detect: Run, series: list[Series]) -> dict[str, float]:
    started = time.process_time()
    scores = [detect(one) for one in series]
    spent = time.process_time() - started
    natural, fixed = (
        [vus_pr(one.label, found, window(one)) for one, found in zip(series, scores, strict=True)]
        for window in (lambda one: natural_window(one.test[:, 0]), lambda _: FIXED)
    )
    means, beside = (_means(series, values) for values in (natural, fixed))
    cells = [*natural, *means.values(), *beside.values()]
    table.add_row(name, *(f"{value:.3f}" for value in cells), f"{spent:.0f}")
    return means


def _means(series: list[Series], values: list[float]) -> dict[str, float]:
    return {
        family: float(np.mean([v for one, v in zip(series, values, strict=True) if one.family == family]))
        for family in FAMILIES
    }


def _figure(family: str, means: dict[str, dict[str, float]]) -> Figure:
    value = means[JUDGED][family]
    must = max(means[name][family] for name in REFERENCES)
    return Figure(f"mts.{family.lower()}.{JUDGED}", value, "VUS-PR", must, AIMS[family], value > must)
