"""The real training process."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from ad_data.errors import DataError
from ad_detectors.artifact import load_bytes
from ad_detectors.artifact.keyring import KeyRing
from ad_training.adapters.worker import matrix
from tests.support.training import arrow

COMMAND = (sys.executable, "-m", "ad_training.adapters.worker")


def order(folder: Path, **changes) -> dict:
    return {
        "algorithm": "zscore",
        "parameters": {},
        "contamination": 0.05,
        "columns": ["heat", "load"],
        "data": str(folder / "data.arrow"),
        "memory_limit_mb": 256,
        "keys_dir": str(folder / "keys"),
    } | changes


def run(folder: Path, data: bytes, **changes) -> dict:
    (folder / "data.arrow").write_bytes(data)
    (folder / "order.json").write_text(json.dumps(order(folder, **changes)))
    pipe = subprocess.PIPE
    with subprocess.Popen((*COMMAND, str(folder)), stdin=pipe, stdout=pipe, stderr=pipe) as process:
        lines, errors = process.stdout.read().splitlines(), process.stderr.read()
    assert process.returncode == 0, errors.decode()
    return json.loads((folder / "result.json").read_text()) | {"lines": [json.loads(line) for line in lines]}


def test_it_fits_the_columns_in_their_order_and_signs_the_artifact(tmp_path) -> None:
    result = run(tmp_path, arrow(500))
    assert (result["rows"], set(result["metrics"])) == (500, {"score_mean", "score_max", "anomalies"})
    assert [line["progress"] for line in result["lines"]] == [0.2, 0.3, 0.9, 1.0]
    model = load_bytes((tmp_path / "model.adm").read_bytes(), KeyRing(tmp_path / "keys").trusted())
    assert (model.feature_names, model.contamination) == (("heat", "load"), 0.05)


def test_more_memory_than_the_limit_is_a_failure_that_says_so(tmp_path) -> None:
    frame = pl.DataFrame({"load": pl.int_range(0, 4_000_000, eager=True).cast(pl.Float64)})
    frame.write_ipc_stream(tmp_path / "big")
    result = run(tmp_path, (tmp_path / "big").read_bytes(), columns=["load"], memory_limit_mb=16)
    assert "more memory than its limit of 16 MB" in result["error"]


@pytest.mark.parametrize(
    ("data", "columns", "reason"),
    [
        (arrow(0), ["load"], "no records were found"),
        (arrow(9), ["load"], "9 rows cannot say what is normal.*longer period"),
        (arrow(20), ["load", "speed"], "no column speed; they have site, load, heat"),
        (b"garbage", ["load"], "not readable as Arrow"),
    ],
    ids=["empty", "few", "column", "garbage"],
)
def test_data_that_cannot_be_used_is_refused(tmp_path, data, columns, reason) -> None:
    (tmp_path / "records").write_bytes(data)
    with pytest.raises(DataError, match=reason):
        matrix(tmp_path / "records", columns)


def test_a_missing_value_is_nan_in_the_matrix(tmp_path) -> None:
    frame = pl.DataFrame({"a": [1.0, None] * 5, "b": [3, 4] * 5})
    frame.write_ipc_stream(tmp_path / "records")
    assert np.array_equal(
        matrix(tmp_path / "records", ["b", "a"]), [[3.0, 1.0], [4.0, np.nan]] * 5, equal_nan=True
    )


def test_it_ends_with_its_parent(tmp_path) -> None:
    (tmp_path / "order.json").write_text(json.dumps(order(tmp_path)))
    (tmp_path / "data.arrow").write_bytes(arrow(500))
    code = "import subprocess, sys; print(subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE).pid)"
    parent = [sys.executable, "-c", code, *COMMAND, str(tmp_path)]
    # The pipe is open until the last process that holds it has ended, so this returns only when both have.
    subprocess.run(parent, check=True, timeout=20, stdout=subprocess.PIPE)
    assert not (tmp_path / "result.json").exists()
