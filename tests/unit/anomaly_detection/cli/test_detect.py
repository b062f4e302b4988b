"""`detect`: anomalies of a file, for people and for programs."""

import json

import polars as pl
import pytest

from ad_detectors.model import Model

FEATURES = ("--columns", "load,speed")


def test_the_anomaly_is_found_and_explained(command, csv) -> None:
    result = command("detect", "--input", csv, *FEATURES, "--algorithm", "isolation_forest", "--json")
    assert result.code == 0
    found = result.json
    assert (found["rows"], found["algorithm"], found["features"]) == (
        300,
        "isolation_forest",
        ["load", "speed"],
    )
    best = max(found["results"], key=lambda record: record["score"])
    assert best["row"] == 250
    assert best["time"].startswith("2024-01-01")
    assert set(best["contributions"]) == {"load", "speed"}
    assert found["anomalies"] == len(found["results"]) == 15


def test_people_get_a_table_of_the_highest_scores(command, csv) -> None:
    result = command("detect", "--input", csv, *FEATURES, "--limit", 3)
    assert "15 anomalies in 300 rows of data.csv" in result.out
    assert "250" in result.out
    assert "speed=-300" in result.out
    assert "--limit shows more" in result.err


def test_one_of_something_is_told_as_one(command, csv) -> None:
    result = command("detect", "--input", csv, *FEATURES, "--contamination", 0.003, "--limit", 1)
    assert result.out.startswith("1 anomaly in 300 rows of data.csv")
    fewer = command("detect", "--input", csv, *FEATURES, "--limit", 1)
    assert fewer.err == "the highest score of 15; --limit shows more\n"


def test_a_file_without_anomalies_is_said_in_one_line(command, tmp_path) -> None:
    path = tmp_path / "flat.csv"
    path.write_text("a\n" + "1\n" * 50)
    result = command("detect", "--input", path, "--algorithm", "zscore")
    assert result.out == "no anomalies in 50 rows of flat.csv (zscore)\n"


def test_json_holds_as_many_as_the_limit_says_and_all_without_one(command, csv) -> None:
    every = command("detect", "--input", csv, *FEATURES, "--json").json
    some = command("detect", "--input", csv, *FEATURES, "--json", "--limit", 2).json
    assert (every["anomalies"], len(every["results"])) == (15, 15)
    assert (some["anomalies"], len(some["results"])) == (15, 2)
    best = sorted(every["results"], key=lambda record: -record["score"])[:2]
    assert some["results"] == sorted(best, key=lambda record: record["row"])


def test_columns_that_are_no_numbers_are_left_out_and_named(command, csv) -> None:
    result = command("detect", "--input", csv, "--algorithm", "zscore", "--json")
    assert result.json["features"] == ["load", "speed", "label"]
    assert "not numeric, left out: host" in result.err


def test_the_streaming_detector_takes_the_file_as_one_stream(command, csv) -> None:
    result = command("detect", "--input", csv, *FEATURES, "--algorithm", "adaptive", "--json")
    assert 250 in [record["row"] for record in result.json["results"]]
    shown = command("detect", "--input", csv, *FEATURES, "--algorithm", "adaptive").out
    assert "speed=-300 (closest usual" in shown
    assert "normal" not in shown


def test_the_nearest_normal_row_stands_beside_an_anomaly(command, csv, table) -> None:
    found = command("detect", "--input", csv, *FEATURES, "--algorithm", "zscore", "--json").json
    rows = table.select("load", "speed").rows()
    for record in found["results"]:
        nearest = record["nearest"]
        assert any(row == pytest.approx((nearest["load"], nearest["speed"])) for row in rows)
        assert nearest != record["value"]


@pytest.mark.parametrize("suffix", ["csv", "json", "ndjson", "parquet", "arrow"])
def test_all_rows_with_their_scores_are_written(command, csv, tmp_path, suffix) -> None:
    target = tmp_path / f"scores.{suffix}"
    assert command("detect", "--input", csv, *FEATURES, "--output", target).code == 0
    readers = {
        "csv": pl.read_csv,
        "json": pl.read_json,
        "ndjson": pl.read_ndjson,
        "parquet": pl.read_parquet,
        "arrow": pl.read_ipc,
    }
    frame = readers[suffix](target)
    assert frame.height == 300
    assert frame["anomaly"].sum() == 15
    assert {"score", "probability"} <= set(frame.columns)


def test_scores_of_the_command_line_are_those_of_the_library_bit_for_bit(
    command, csv, table, tmp_path
) -> None:
    target = tmp_path / "scores.parquet"
    command("detect", "--input", csv, *FEATURES, "--param", "seed=3", "--output", target)
    rows = table.select("load", "speed").to_numpy()
    model = Model.train("isolation_forest", rows, ["load", "speed"], parameters={"seed": 3})
    assert pl.read_parquet(target)["score"].to_numpy().tobytes() == model.score(rows).score.tobytes()


def test_a_trained_model_scores_another_file(command, csv, tmp_path) -> None:
    model = tmp_path / "m.adm"
    assert command("train", "--data", csv, *FEATURES, "--output", model).code == 0
    result = command("detect", "--input", csv, "--model", model, "--contamination", 0.01, "--json")
    assert result.json["anomalies"] == 3


def test_a_model_takes_its_features_by_name_in_whatever_order_the_file_has_them(
    command, csv, table, tmp_path
) -> None:
    model, swapped = tmp_path / "m.adm", tmp_path / "swapped.csv"
    table.select("speed", "host", "load").write_csv(swapped)
    command("train", "--data", csv, *FEATURES, "--output", model)
    plain = command("detect", "--input", csv, "--model", model, "--json").json
    other = command("detect", "--input", swapped, "--model", model, "--json").json
    keys = ("row", "score", "value", "expected", "contributions")
    assert [[r[k] for k in keys] for r in other["results"]] == [
        [r[k] for k in keys] for r in plain["results"]
    ]


def test_json_holds_no_value_that_json_lacks(command, tmp_path) -> None:
    path = tmp_path / "holes.csv"
    path.write_text("a,b\n" + "1,2\n" * 50 + ",2\n9,\n")
    result = command("detect", "--input", path, "--json")
    assert result.code == 0
    json.loads(result.out, parse_constant=pytest.fail)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--algorithm", "zscor"), "did you mean zscore? `anomaly_detection algorithms` lists all"),
        (("--algorithm", "adwin"), "'adwin' is a drift one, here it must be batch or series or streaming."),
        (("--contamination", "0.9"), "contamination is 0.9; valid is"),
        (("--columns", "load,spead"), "no column 'spead'; there are timestamp, load, speed"),
        (("--columns", "host"), "column 'host' is not numeric"),
        (("--columns", ","), "names no column"),
        (("--param", "trees"), "name=value"),
        (("--param", "trees=0"), "from 1 to 10000"),
        (("--output", "no-such-folder/x.csv"), "does not exist"),
        (("--output", "scores.xls"), "must end in one of .csv"),
        (("--model", "no.adm"), "no such model file"),
        (("--model", "no.adm", "--algorithm", "iqr"), "leave --algorithm"),
    ],
)
def test_wrong_arguments_are_one_line_that_says_what_would_work(command, csv, arguments, words) -> None:
    result = command("detect", "--input", csv, *arguments)
    assert result.code == 2
    assert words in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.csv", b""), ("words.csv", b"a,b\nx,y\n"), ("fake.parquet", b"a,b\n1,2\n"), ("no.json", b"{")],
)
def test_files_that_cannot_be_used_are_one_line(command, tmp_path, name, content) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    result = command("detect", "--input", path)
    assert result.code == 2
    assert result.err.startswith("error: ")
    assert name in result.err
    assert result.err.count("\n") == 1
