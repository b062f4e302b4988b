"""`evaluate`: figures with labels, counts without."""

import pytest


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


def test_people_get_a_table(command, csv, model) -> None:
    result = command("evaluate", "--model", model, "--test", csv)
    assert "average precision" in result.out
    assert "1.0000" in result.out


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
