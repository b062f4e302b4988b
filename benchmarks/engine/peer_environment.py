"""A virtual environment for the peer, whose libraries are none of ours, made when it is first asked for."""

import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".bench" / "faust"
WANTED = ("faust-streaming==0.15.3", "pyod==3.6.7")
TRY = "import faust, pyod.models.iforest"
INSTALL_SECONDS = 300


class NotInstalled(Exception):
    """The peer cannot be had here; the message says what was tried."""


def python_of_peer() -> Path:
    """The interpreter that has the peer's libraries."""
    python = FOLDER / "bin" / "python"
    problems = []
    for way in (_nothing, _with_uv, _with_pip, _with_newest):
        problem = _tried(way, python)
        if problem is None:
            return python
        problems.append(problem)
    raise NotInstalled("; ".join(filter(None, problems)))


def _tried(way: Callable[[Path], None], python: Path) -> str | None:
    """None when the libraries are there afterwards, else why not."""
    try:
        way(python)
        _run(str(python), "-c", TRY)
    except FileNotFoundError as error:
        return "" if way is _nothing else f"no {error.filename}"
    except subprocess.TimeoutExpired:
        return f"{way.__name__.strip('_')}: not done in {INSTALL_SECONDS} s"
    except subprocess.CalledProcessError as error:
        return f"{way.__name__.strip('_')}: {(error.stderr or error.stdout).strip().splitlines()[-1][:200]}"
    return None


def _nothing(_: Path) -> None:
    """It may be there from before."""


def _with_uv(python: Path) -> None:
    uv = str(Path(sys.executable).with_name("uv"))
    _run(uv, "venv", "--clear", "--python", sys.executable, str(FOLDER))
    _run(uv, "pip", "install", "--python", str(python), *WANTED)


def _with_pip(python: Path) -> None:
    venv.create(FOLDER, clear=True, with_pip=True)
    _run(str(python), "-m", "pip", "install", *WANTED)


def _with_newest(python: Path) -> None:
    _run(str(python), "-m", "pip", "install", "faust-streaming", "pyod")


def _run(*command: str) -> None:
    trusting = {"UV_SYSTEM_CERTS": "1"} | os.environ
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS, env=trusting)
