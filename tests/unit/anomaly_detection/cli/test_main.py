"""The command itself: help, speed, and errors of one line."""

import subprocess
import sys
from importlib.metadata import version

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


def test_the_version_is_told(capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        run(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"anomaly_detection {version('anomaly-detection')}\n"


def _helps(app) -> list[list[str]]:
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    single = [[command.callback.__name__] for command in app.registered_commands]
    inner = [
        [name, command.name or command.callback.__name__]
        for name, group in groups.items()
        for command in group.registered_commands
    ]
    return [[], *single, *([name] for name in groups), *inner]


@pytest.mark.parametrize("words", _helps(app), ids=" ".join)
def test_help_shows_no_types_of_python_and_no_doubled_brackets(words) -> None:
    shown = CliRunner().invoke(app, [*words, "--help"])
    assert shown.exit_code == 0
    assert "list[" not in shown.output
    assert "default: (" not in shown.output


@pytest.mark.parametrize("command", [("detect", "--input"), ("train", "--data")])
def test_a_share_that_cannot_be_is_refused_before_anything_heavy_is_loaded(command) -> None:
    code = (
        "import sys; from anomaly_detection.cli.main import run\n"
        "try: run(sys.argv[1:])\n"
        "finally: print(*{'numpy', 'numba', 'polars', 'sklearn', 'rich'} & set(sys.modules))"
    )
    arguments = [sys.executable, "-c", code, *command, "no-such-file.csv", "--contamination", "3"]
    found = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert found.stderr == "error: contamination is 3.0; valid is a number above 0 and up to 0.5\n"
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
