"""The peer's environment is tried in several ways, and a failure says all of them."""

import subprocess
from pathlib import Path

import pytest

from benchmarks.engine import peer_environment


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(peer_environment, "FOLDER", tmp_path)
    return tmp_path


def fail_but(*wanted: str):
    """A runner under which only commands with all of these words succeed."""
    seen: list[str] = []

    def run(*command: str) -> None:
        seen.append(" ".join(command))
        if not all(word in seen[-1] for word in wanted):
            raise subprocess.CalledProcessError(1, command, stderr="trace\nno network")

    return run, seen


def test_what_is_there_is_not_installed_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, seen = fail_but("import faust")
    monkeypatch.setattr(peer_environment, "_run", run)
    assert peer_environment.python_of_peer() == folder / "bin" / "python"
    assert len(seen) == 1


def test_what_cannot_be_had_is_said_with_every_way_that_was_tried(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = fail_but("nothing succeeds")
    monkeypatch.setattr(peer_environment, "_run", run)
    monkeypatch.setattr(peer_environment.venv, "create", lambda *_, **__: None)
    with pytest.raises(peer_environment.NotInstalled, match=r"uv: no network; .*pip: no network; .*newest"):
        peer_environment.python_of_peer()
