"""The command itself: help, speed, and errors of one line."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from anomaly_detection.cli.main import app, run

COMMANDS = ("detect", "train", "evaluate")


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_every_help_carries_an_example(command) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert "Example: anomaly_detection" in result.output


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys, anomaly_detection.cli.main;"
        "print(*{'numpy', 'numba', 'polars', 'sklearn', 'rich'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""


def test_an_error_is_one_line_on_stderr_and_exit_code_2(capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        run(["detect", "--input", "no-such-file.csv"])
    out, err = capsys.readouterr()
    assert caught.value.code == 2
    assert out == ""
    assert err.startswith("error: no-such-file.csv")
    assert err.count("\n") == 1


def test_an_unknown_command_is_refused_with_exit_code_2(capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        run(["dettect"])
    assert caught.value.code == 2
    assert "dettect" in capsys.readouterr().err
