"""The tables and figures of the benchmark on tables."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy import adbench
from benchmarks.accuracy.adbench import Result, best_per_set, figures, mean
from benchmarks.accuracy.adbench_cases import Case

COLUMNS = {
    "KNN": {"a": (0.8, 0.4), "b": (0.6, 0.2)},
    "DAGMM": {"a": (0.5, 0.5), "b": (float("nan"), float("nan"))},
}


def test_missing_figures_do_not_count() -> None:
    assert mean(COLUMNS["KNN"], 0) == pytest.approx(0.7)
    assert mean(COLUMNS["DAGMM"], 1) == 0.5
    assert best_per_set(COLUMNS) == {"a": (0.8, 0.5), "b": (0.6, 0.2)}


@pytest.mark.parametrize(("auroc", "ok"), [(0.7049, True), (0.6951, True), (0.7051, False), (0.69, False)])
def test_a_detector_may_not_be_far_from_the_published_one(auroc, ok) -> None:
    case = Case("knn, unscaled", "knn", {"scale": False}, "KNN", within=0.005)
    result = Result(case, {"a": (auroc, 0.3), "b": (auroc, 0.3)}, 1.0)
    apart = figures([result], COLUMNS, quick=False)[-1]
    assert (apart.figure, apart.must, apart.ok) == ("adbench.knn.unscaled.apart", 0.005, ok)
    assert apart.value == pytest.approx(abs(auroc - 0.7))


def test_auto_must_reach_both_figures_but_not_when_quick() -> None:
    result = Result(Case("auto", "auto"), {"a": (0.79, 0.40)}, 1.0)
    auroc, precision = figures([result], COLUMNS, quick=False)
    assert (auroc.must, auroc.aim, auroc.ok) == (0.782, 0.81, True)
    assert (precision.must, precision.aim, precision.ok) == (0.435, 0.50, False)
    assert all(figure.must is None and figure.ok for figure in figures([result], COLUMNS, quick=True))


def test_a_run_prints_every_detector_and_the_published_columns(tmp_path: Path, monkeypatch, capsys) -> None:
    generator = np.random.default_rng(4)
    rows, labels = generator.normal(size=(1_000, 2)), (np.arange(1_000) < 50).astype(int)
    rows[:50] += 6.0
    np.savez(tmp_path / "6_made.npz", X=rows, y=labels)
    for name in ("published_aucroc.csv", "published_aucpr.csv"):
        (tmp_path / name).write_text("dataset,IForest,COF\nmade,0.987,0.612\n")
    chosen = (
        Case("isolation_forest", "isolation_forest", {}, "IForest", within=0.5),
        Case("zscore", "zscore"),
    )
    monkeypatch.setattr(adbench, "cases", lambda: chosen)
    found = {figure.figure: figure for figure in adbench.run(tmp_path)}
    assert found["adbench.zscore.auroc"].value > 0.99
    assert found["adbench.isolation_forest.apart"].ok
    printed = capsys.readouterr().out
    assert all(
        word in printed for word in ("isolation_forest", "zscore", "COF", "0.987", "(IForest)", "made")
    )
    assert not any(figure.figure.endswith("apart") for figure in adbench.run(tmp_path, quick=True))
