"""`evaluate`: figures with labels, counts without."""

import re
import shlex
from pathlib import Path

import polars as pl
import pytest

from ad_detectors import catalog
from ad_detectors.evaluation_ranges import natural_window, vus_pr
from anomaly_detection.files import load_model

ROOT = Path(__file__).parents[4]


@pytest.fixture
def model(command, csv, tmp_path):
    path = tmp_path / "m.adm"
    command("train", "--data", csv, "--columns", "load,speed", "--contamination", 0.01, "--output", path)
    return path


def test_labels_give_precision_recall_and_ranking(command, csv, model) -> None:
    found = command("evaluate", "--model", model, "--test", csv, "--label", "label", "--json").json
    assert found["auroc"] == 1.0
    assert found["average_precision"] == 1.0
    assert found["recall"] == 1.0
    assert found["precision"] == pytest.approx(1 / 3)
    assert found["true_negatives"] == 297


def test_people_get_figures_and_the_confusion_table(command, csv, model) -> None:
    shown = command("evaluate", "--model", model, "--test", csv).out
    for name in ("AUROC", "average precision", "precision at the threshold", "recall at the threshold"):
        assert f"│ {name} " in shown
    cells = [line.replace("│", " ").split() for line in shown.splitlines()]
    assert ["anomaly", "1", "0", "1"] in cells
    assert ["normal", "2", "297", "299"] in cells
    assert ["all", "3", "297", "300"] in cells
    assert "true positives" not in shown


def test_vus_pr_takes_the_rows_in_order_of_time(command, csv, table, tmp_path, model) -> None:
    found = command("evaluate", "--model", model, "--test", csv, "--json").json
    rows = table.select("load", "speed").to_numpy()
    scores = load_model(model).score(rows).score
    window = natural_window(rows[:, 0])
    assert found["vus_window"] == window
    assert found["vus_pr"] == vus_pr(table["label"].to_numpy(), scores, window)
    shown = command("evaluate", "--model", model, "--test", csv)
    assert f"{found['vus_pr']:.4f}" in next(line for line in shown.out.splitlines() if "VUS-PR " in line)
    assert "order of time" in shown.err


def test_vus_pr_is_not_defined_where_times_say_another_order(command, table, tmp_path, model) -> None:
    path = tmp_path / "turned.csv"
    table.reverse().write_csv(path)
    result = command("evaluate", "--model", model, "--test", path, "--json").json
    assert (result["vus_pr"], result["vus_window"]) == (None, None)
    assert result["auroc"] == 1.0
    assert "not defined" in command("evaluate", "--model", model, "--test", path).out


def test_models_of_series_are_evaluated_as_others(command, csv, tmp_path) -> None:
    for name in catalog.names("series"):
        path = tmp_path / f"{name}.adm"
        done = command("train", "--data", csv, "--columns", "speed", "--algorithm", name, "--output", path)
        assert done.code == 0, done.err
        found = command("evaluate", "--model", path, "--test", csv, "--json").json
        assert (found["algorithm"], found["rows"]) == (name, 300)


def test_labels_that_are_all_alike_leave_the_ranking_undefined(command, table, tmp_path, model) -> None:
    path = tmp_path / "normal.csv"
    table.with_columns(label=pl.lit(0)).write_csv(path)
    found = command("evaluate", "--model", model, "--test", path, "--json").json
    assert (found["auroc"], found["vus_pr"]) == (None, None)


def test_without_labels_there_are_counts_and_the_distribution(command, table, tmp_path, model) -> None:
    path = tmp_path / "plain.csv"
    table.drop("label").write_csv(path)
    result = command("evaluate", "--model", model, "--test", path)
    assert "score quantile 0.99" in result.out
    assert "no labels" in result.err
    found = command("evaluate", "--model", model, "--test", path, "--json").json
    assert found["anomalies"] == 3
    assert "auroc" not in found


def test_a_label_column_that_is_not_there_is_refused(command, csv, model) -> None:
    result = command("evaluate", "--model", model, "--test", csv, "--label", "truth")
    assert result.code == 2
    assert "no column 'truth'" in result.err


def test_labels_that_are_no_zeros_and_ones_are_refused(command, csv, model) -> None:
    result = command("evaluate", "--model", model, "--test", csv, "--label", "host")
    assert result.code == 2
    assert "1 for an anomaly" in result.err


def test_a_file_without_the_features_is_refused_with_the_difference(command, tmp_path, model) -> None:
    path = tmp_path / "other.csv"
    path.write_text("load,rate\n1,2\n3,4\n")
    result = command("evaluate", "--model", model, "--test", path)
    assert result.code == 2
    assert "missing: speed; not known to it: rate" in result.err


def test_the_guide_shows_what_is_printed(command, tmp_path, monkeypatch) -> None:
    guide = (ROOT / "docs" / "guides" / "choosing-a-detector.md").read_text()
    section = guide.partition("## Trying it with labels")[2].partition("\n## ")[0]
    commands, printed = re.findall(r"^```(?:sh|text)\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    train, evaluate = (shlex.split(line)[1:] for line in commands.splitlines())
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    assert command(*train).code == 0
    assert command(*evaluate).out == printed
