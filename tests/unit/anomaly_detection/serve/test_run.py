"""Settings from the command line, and what is run with them."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ad_chassis.errors import SettingsError
from anomaly_detection.serve import run as run_module
from anomaly_detection.serve.run import Options, announce, chosen_settings, serve_all, serve_one
from anomaly_detection.serve.services import SERVICES


def test_the_command_line_has_the_last_word(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("API_PORT", "8123")
    monkeypatch.setenv("API_HOST", "0.0.0.0")
    settings = chosen_settings(Options(port=0, data=tmp_path))
    assert (settings.http.host, settings.http.port) == ("0.0.0.0", 0)
    assert settings.runtime.data_dir == tmp_path


def test_without_options_the_environment_stays(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("API_PORT", "8123")
    monkeypatch.setenv("ANOMALY_DETECTION_DATA_DIR", str(tmp_path))
    settings = chosen_settings(Options())
    assert settings.http.port == 8123
    assert settings.runtime.data_dir == tmp_path


def test_a_folder_is_meant_from_where_the_command_is_called(monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    assert chosen_settings(Options(data=Path("here"))).runtime.data_dir == tmp_path / "here"


def test_all_services_run_behind_the_gateway_and_one_runs_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr(run_module, "build_of", lambda name: name)
    monkeypatch.setattr(run_module, "run_many", lambda builds, settings, **rest: calls.append((builds, rest)))
    monkeypatch.setattr(run_module, "run", lambda name, build, settings: calls.append((name, build)))
    serve_all(Options())
    serve_one("detection", Options())
    assert calls == [(list(SERVICES), {"edge": "gateway", "on_ready": announce}), ("detection", "detection")]


def test_several_workers_run_below_a_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    monkeypatch.setattr(run_module, "run_several", lambda *given: calls.append(given))
    serve_one("detection", Options(workers=3))
    [(command, settings)] = calls
    assert command == [sys.executable, "-m", "anomaly_detection", "serve", "detection"]
    assert settings.http.workers == 3


def test_several_workers_of_all_services_in_one_process_are_refused() -> None:
    with pytest.raises(SettingsError, match="serve detection --workers 2"):
        serve_all(Options(workers=2))


@pytest.mark.parametrize(
    ("name", "given", "found"),
    [("detection", {}, "1"), ("detection", {"POLARS_MAX_THREADS": "4"}, "4"), ("training", {}, None)],
)
def test_a_worker_decodes_with_one_thread_unless_told_otherwise(monkeypatch, name, given, found) -> None:
    monkeypatch.setattr(os, "environ", dict(given))
    monkeypatch.setattr(run_module, "build_of", lambda name: name)
    monkeypatch.setattr(run_module, "run", lambda *_: None)
    serve_one(name, Options())
    assert os.environ.get("POLARS_MAX_THREADS") == found


def test_who_started_it_is_told_where_to_go_but_not_the_key(capsys, tmp_path) -> None:
    (tmp_path / "admin.key").write_text("ad_one_two\n")
    announce(SimpleNamespace(url="http://127.0.0.1:1", platform=SimpleNamespace(data_dir=tmp_path)))
    said = capsys.readouterr().out
    assert "http://127.0.0.1:1/docs" in said
    assert str(tmp_path / "admin.key") in said
    assert "ad_one_two" not in said
