"""`train`: a signed model file."""

import pickle
import stat

import pytest


def test_a_model_is_written_with_its_figures(command, csv, tmp_path) -> None:
    target = tmp_path / "m.adm"
    result = command(
        "train", "--data", csv, "--columns", "load", "--param", "trees=20", "--output", target, "--json"
    )
    assert result.code == 0
    assert result.json["parameters"] == {"trees": 20, "sample": 256, "seed": 0}
    assert result.json["features"] == ["load"]
    assert result.json["size_bytes"] == target.stat().st_size


def test_the_signing_key_is_made_once_and_readable_by_its_owner_only(command, csv, tmp_path, keys) -> None:
    command("train", "--data", csv, "--output", tmp_path / "a.adm")
    key = keys / "signing.pem"
    first = key.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    command("train", "--data", csv, "--output", tmp_path / "b.adm")
    assert key.read_bytes() == first
    assert sorted(path.name for path in keys.iterdir()) == ["signing.pem", "signing.pub.pem"]


def test_a_model_of_somebody_else_needs_their_public_key(command, csv, tmp_path, keys, monkeypatch) -> None:
    model = tmp_path / "m.adm"
    command("train", "--data", csv, "--columns", "load", "--output", model)
    public = (keys / "signing.pub.pem").rename(tmp_path / "friend.pem")
    monkeypatch.setenv("ANOMALY_DETECTION_DATA_DIR", str(tmp_path / "other"))
    refused = command("detect", "--input", csv, "--model", model)
    assert refused.code == 2
    assert "not trusted" in refused.err
    assert command("detect", "--input", csv, "--model", model, "--trust-key", public).code == 0


def test_a_pickle_is_refused_with_the_reason(command, csv, tmp_path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"a": 1}))
    result = command("detect", "--input", csv, "--model", path)
    assert result.code == 2
    assert "pickle, which can run code" in result.err


def test_an_algorithm_that_chooses_says_why(command, csv, tmp_path) -> None:
    path = tmp_path / "a.adm"
    chosen = ("--columns", "load,speed", "--algorithm", "auto")
    result = command("train", "--data", csv, *chosen, "--output", path, "--json")
    assert result.err.startswith("auto saw 300 rows of 2 features, duplicates: none, ")
    assert result.err.count("\n") == 1
    everything = command("train", "--data", csv, *chosen, "--output", path, "-v").err
    assert result.json["reasons"] == everything.splitlines()
    assert (
        command("train", "--data", csv, "--columns", "load", "--output", path, "--json").json["reasons"] == []
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--output", "model.pkl"), "ends in .adm"),
        (("--output", "nowhere/model.adm"), "does not exist"),
        (("--algorithm", "adaptive"), "'adaptive' is a streaming one, here it must be batch or series."),
        (("--algorithm", "adaptive"), "`anomaly_detection detect --algorithm adaptive` takes it"),
        (("--algorithm", "quantum"), "unknown algorithm 'quantum'. `anomaly_detection algorithms` lists all"),
        (("--contamination", "0"), "contamination is 0.0"),
    ],
)
def test_wrong_arguments_are_one_line(command, csv, arguments, words) -> None:
    result = command("train", "--data", csv, *arguments)
    assert result.code == 2
    assert words in result.err


def test_a_column_of_labels_is_no_feature_unless_it_is_asked_for(command, tmp_path) -> None:
    data, model = tmp_path / "known.csv", tmp_path / "m.adm"
    data.write_text("load,label\n" + "".join(f"{row % 7},{int(row == 30)}\n" for row in range(60)))
    result = command("train", "--data", data, "--output", model, "--json")
    assert result.json["features"] == ["load"]
    assert result.err.startswith("column 'label' holds zeros and ones: labels, no feature (--columns")
    asked = command("train", "--data", data, "--columns", "load,label", "--output", model, "--json")
    assert (asked.json["features"], asked.err) == (["load", "label"], "")
    assert command("detect", "--input", data, "--model", model).code == 0
    data.write_text("load,label\n" + "".join(f"{row % 7},{row % 5}\n" for row in range(60)))
    other = command("train", "--data", data, "--output", model, "--json")
    assert (other.json["features"], other.err) == (["load", "label"], "")
