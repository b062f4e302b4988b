"""A command, a folder for keys, and files to work on."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.support.command import Command


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("ANOMALY_DETECTION_DATA_DIR", str(folder))
    return folder / "keys"


@pytest.fixture
def table() -> pl.DataFrame:
    generator = np.random.default_rng(4)
    rows = generator.normal(size=(300, 2)) * [1.0, 20.0]
    rows[250] = [9.0, -300.0]
    label = np.zeros(300, int)
    label[250] = 1
    times = [f"2024-01-01T{hour:02}:{minute:02}:00Z" for hour in range(5) for minute in range(60)]
    return pl.DataFrame(
        {"timestamp": times, "load": rows[:, 0], "speed": rows[:, 1], "host": ["a"] * 300, "label": label}
    )


@pytest.fixture
def csv(table: pl.DataFrame, tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    table.write_csv(path)
    return path
