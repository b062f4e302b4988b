"""The benchmark of machines and servers, on small ones made up."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy import mts


def write(folder: Path, name: str, seed: int) -> None:
    generator = np.random.default_rng(seed)
    rows = np.sin(np.arange(900)[:, None] / np.array([5.0, 8.0])) + 0.1 * generator.normal(size=(900, 2))
    label = np.zeros(400, np.int8)
    label[200:220] = 1
    rows[700:720] += 3.0
    np.savez(folder / f"{name}.npz", train=rows[:500], test=rows[500:], label=label)


@pytest.fixture
def folder(tmp_path):
    for seed, name in enumerate(("machine-1-1", "omi-1", "omi-2")):
        write(tmp_path, name, seed)
    return tmp_path


def test_every_detector_has_a_row_and_every_family_a_figure(folder, capsys) -> None:
    figures = mts.run(folder, quick=True)
    shown = capsys.readouterr().out
    for name in ("series_auto", "matrix_profile", "isolation_forest", "PyOD KNN", "published: PCA"):
        assert name in shown
    assert "omi-2" not in shown, "the quick run takes one series of each family"
    assert [(one.figure, one.aim) for one in figures] == [
        ("mts.smd.series_auto", 0.6),
        ("mts.asd.series_auto", 0.35),
    ]
    assert all(one.value > 0.8 and one.ok == (one.value > one.must) for one in figures)


def test_a_mean_is_that_of_the_family(folder) -> None:
    series = mts._load(folder)
    assert [one.name for one in series] == ["machine-1-1", "omi-1", "omi-2"]
    assert mts._means(series, [0.5, 0.2, 0.4]) == pytest.approx({"SMD": 0.5, "ASD": 0.3})


def test_a_folder_without_series_is_refused(tmp_path) -> None:
    with pytest.raises(SystemExit, match=r"no machine-\*\.npz or omi-\*\.npz in"):
        mts.run(tmp_path)
