"""`detect`: anomalies of a file, for people and for programs."""

import json

import numpy as np
import polars as pl
import pytest

from ad_detectors.model import Model
from anomaly_detection import StreamDetector

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


LABELS = "column 'label' holds zeros and ones: labels, no feature (--columns chooses the features)\n"


def test_columns_that_are_no_numbers_are_left_out_and_named(command, csv) -> None:
    result = command("detect", "--input", csv, "--algorithm", "zscore", "--json")
    assert result.json["features"] == ["load", "speed"]
    assert (
        result.err
        == f"{LABELS}not numeric, left out of the features: host (--columns chooses the features)\n"
    )


def test_a_text_column_may_be_an_entity_for_a_streaming_algorithm(command, csv) -> None:
    plain = command("detect", "--input", csv, "--algorithm", "ewma", "--json")
    assert plain.err == (
        f"{LABELS}not numeric, left out of the features: host "
        "(--columns chooses the features, --entity host follows each host by itself)\n"
    )
    told = command("detect", "--input", csv, "--algorithm", "ewma", "--entity", "host", "--json")
    assert told.err == LABELS
    assert told.json["features"] == plain.json["features"]


@pytest.fixture
def machines(tmp_path):
    """Two machines, the second at a level that would be strange for the first; one reading of it is odd."""
    random = np.random.default_rng(6)
    loads = np.column_stack([random.normal(10.0, 1.0, 200), random.normal(50.0, 1.0, 200)])
    loads[150, 1] = 10.0
    path = tmp_path / "machines.csv"
    pl.DataFrame({"machine": ["a", "b"] * 200, "number": [1, 2] * 200, "load": loads.ravel()}).write_csv(path)
    return path


@pytest.mark.parametrize("column", ["machine", "number"])
def test_a_streaming_algorithm_keeps_entities_apart(command, machines, column) -> None:
    given = ("--input", machines, "--algorithm", "ewma", "--columns", "load")
    apart = command("detect", *given, "--entity", column, "--json").json
    frame = pl.read_csv(machines)
    whose = frame[column].to_list()
    result = StreamDetector("ewma").update(frame["load"], whose)
    assert [each["row"] for each in apart["results"]] == np.flatnonzero(result.anomaly).tolist()
    assert 301 in [each["row"] for each in apart["results"]]
    assert all(each["entity"] == str(whose[each["row"]]) for each in apart["results"])
    together = command("detect", *given, "--json").json
    assert 301 not in [each["row"] for each in together["results"]]
    assert "entity" not in together["results"][0]


def test_the_entity_stands_in_the_table(command, machines) -> None:
    shown = command("detect", "--input", machines, "--algorithm", "ewma", "--entity", "machine").out
    head, line = (next(each for each in shown.splitlines() if word in each) for word in ("┃", " 301 "))
    assert head.replace("┃", " ").split()[:3] == ["row", "entity", "score"]
    assert line.replace("│", " ").split()[:2] == ["301", "b"]


def test_a_record_without_an_entity_is_of_a_stream_of_its_own(command, tmp_path) -> None:
    path = tmp_path / "some.ndjson"
    rows = [{"host": "a" if row % 2 else None, "load": row % 7} for row in range(200)]
    pl.DataFrame([*rows, {"host": None, "load": 99}]).write_ndjson(path)
    found = command("detect", "--input", path, "--algorithm", "ewma", "--entity", "host", "--json").json
    assert (found["results"][-1]["row"], found["results"][-1]["entity"]) == (200, None)
    assert (
        "│ 200 │      - │"
        in command("detect", "--input", path, "--algorithm", "ewma", "--entity", "host").out
    )


def test_an_algorithm_of_tables_scores_rows_as_before_and_says_so(command, machines, tmp_path) -> None:
    given = ("--input", machines, "--algorithm", "iqr", "--json")
    plain = command("detect", *given, "--columns", "load").json
    told = command("detect", *given, "--entity", "machine", "--columns", "load")
    assert told.err == (
        "iqr scores each row for itself, whatever its machine; "
        "a streaming --algorithm such as adaptive keeps entities apart\n"
    )
    whose = [each | {"entity": "ab"[each["row"] % 2]} for each in plain["results"]]
    assert told.json["results"] == whose
    assert command("detect", *given, "--entity", "number").json["features"] == ["load"]
    model = tmp_path / "m.adm"
    command("train", "--data", machines, "--columns", "load", "--algorithm", "iqr", "--output", model)
    by_model = command("detect", "--input", machines, "--model", model, "--entity", "machine", "--json")
    assert by_model.err == told.err
    assert by_model.json["results"] == told.json["results"]


@pytest.mark.parametrize("given", [(), ("--verbose",), ("-v",)])
def test_what_auto_saw_is_one_line_and_more_of_them_when_asked(command, csv, given) -> None:
    told = command("detect", "--input", csv, *FEATURES, "--algorithm", "auto", "--json", *given).err
    if given:
        assert [line.partition(":")[0] for line in told.splitlines()] == [
            "size", "duplicates", "sparsity", "tails", "structure", "trees"
        ]  # fmt: skip
    else:
        assert told.count("\n") == 1
        assert told.startswith("auto saw 300 rows of 2 features, duplicates: none, sparsity: none, tails: ")
        assert told.endswith(" (-v says more)\n")
        assert len(told) < 160


def test_contamination_of_a_streaming_algorithm_is_its_alert_probability(command, csv) -> None:
    given = ("--input", csv, *FEATURES, "--algorithm", "ewma", "--json")
    one = command("detect", *given, "--contamination", 0.001).json
    assert one["threshold"] == pytest.approx(3.0)
    assert one == command("detect", *given, "--param", "alert_probability=0.001").json
    both = command("detect", *given, "--contamination", 0.001, "--param", "alert_probability=0.01")
    assert both.code == 2
    assert "leave one of the two out" in both.err
    text = " ".join(command("detect", "--help").out.split())
    assert "Of a streaming algorithm its alert_probability: how improbable a record must be" in text


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
        (
            ("--algorithm", "adwin"),
            "In Python use create_drift, as in `from ad_detectors.catalog import create_drift;",
        ),
        (
            ("--algorithm", "psi"),
            "drift = create_drift('psi'); report = drift.fit(reference).compare(rows)`.",
        ),
        (("--algorithm", "edge_stream"), "In Python use create_graph, as in"),
        (
            ("--entity", "pump"),
            "no column 'pump' for --entity; there are timestamp, load, speed, host, label",
        ),
        (("--entity", "load"), "column 'load' is Float64; --entity needs texts or whole numbers"),
        (
            ("--entity", "label", "--columns", "label"),
            "'label' tells entities apart; leave it out of --columns",
        ),
        (
            ("--entity", "host", "--algorithm", "series_auto"),
            "series_auto takes the rows as one series, --entity",
        ),
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
