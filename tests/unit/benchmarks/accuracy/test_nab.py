"""The benchmark from files to figures, on a corpus of one series."""

import json

import numpy as np
import pytest

from ad_detectors.streaming.adaptive import Adaptive
from benchmarks.accuracy import nab

COSTS = {"CostMatrix": {"tpWeight": 1.0, "fpWeight": 0.11, "fnWeight": 1.0, "tnWeight": 1.0}}


@pytest.fixture
def folder(tmp_path):
    values = np.random.default_rng(0).normal(size=600).round(3)
    values[500] = 30.0
    times = [str(np.datetime64("2014-02-14T14:30:00") + 300 * row).replace("T", " ") for row in range(600)]
    (tmp_path / "data" / "real").mkdir(parents=True)
    (tmp_path / "labels").mkdir()
    lines = ["timestamp,value", *(f"{time},{value}" for time, value in zip(times, values, strict=True))]
    (tmp_path / "data" / "real" / "one.csv").write_text("\n".join(lines))
    labels = {"real/one.csv": [[f"{times[490]}.000000", f"{times[529]}.000000"]], "real/absent.csv": []}
    (tmp_path / "labels" / "combined_windows.json").write_text(json.dumps(labels))
    (tmp_path / "profiles.json").write_text(json.dumps(dict.fromkeys(nab.PROFILES.values(), COSTS)))
    return tmp_path


def test_series_are_read_with_their_windows(folder) -> None:
    (one,) = nab.read_corpus(folder)
    assert (one.name, one.windows, one.values[500]) == ("real/one.csv", ((490, 529),), 30.0)
    assert set(np.diff(one.time_ms)) == {300_000}


def test_only_alerts_have_a_score(folder) -> None:
    (one,) = nab.read_corpus(folder)
    scores = nab.scores_of(Adaptive(size="light"), one)
    assert 0.99 < scores[500] < 1
    assert np.count_nonzero(scores) < 10


def test_a_detector_that_finds_the_window_passes(folder, monkeypatch, capsys) -> None:
    monkeypatch.setattr(nab, "detectors", lambda: {"adaptive light": Adaptive(size="light")})
    (figure,) = nab.run(folder)
    assert (figure.figure, figure.must, figure.ok) == ("nab.adaptive.light", 60.0, True)
    assert "published: ARTime" in capsys.readouterr().out
    (part,) = nab.run(folder, quick=True)
    assert (part.value, part.must) == (figure.value, None)


def test_a_folder_without_series_is_named(folder) -> None:
    (folder / "data" / "real" / "one.csv").unlink()
    with pytest.raises(SystemExit, match="no labelled series in"):
        nab.read_corpus(folder)


def test_adaptive_is_judged_in_both_sizes() -> None:
    names = list(nab.detectors())
    assert {"adaptive rich", "adaptive light"} < set(names)
    assert "adaptive" not in names
