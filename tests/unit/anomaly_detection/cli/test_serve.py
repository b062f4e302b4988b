"""`serve`: what is wrong is said in one line before anything runs, and a signal ends it."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx2
import pytest

from tests.support.logging_state import kept_logging


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No metrics port, which another test may hold, and logs as they were."""
    monkeypatch.setenv("PROMETHEUS_ENABLED", "false")
    monkeypatch.delenv("API_PORT", raising=False)
    with kept_logging():
        yield


def test_help_carries_examples(command) -> None:
    shown = command("serve", "--help")
    assert shown.code == 0
    assert "Example: anomaly_detection serve detection" in shown.out


def test_an_unknown_service_is_told_with_the_valid_choices(command) -> None:
    refused = command("serve", "detecton")
    assert refused.code == 2
    assert refused.err.startswith("error: there is no service 'detecton'; choose one of auth, ingestion")
    assert refused.err.count("\n") == 1


@pytest.mark.parametrize("service", [["detection"], []])
def test_several_workers_without_kafka_are_refused_with_what_to_do(command, monkeypatch, service) -> None:
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    refused = command("serve", *service, "--workers", 2)
    assert refused.code == 2
    assert refused.err.startswith("error: API_WORKERS, --workers: ")
    assert refused.err.count("\n") == 1


def test_a_taken_port_is_one_line(command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = command("serve", "gateway", "--port", port)
    assert refused.code == 2
    assert refused.err.startswith(f"error: API_HOST, API_PORT: 127.0.0.1:{port} cannot be opened")
    assert refused.err.count("\n") == 1


@pytest.mark.parametrize("port", ["70000", "-1", "http"])
def test_a_port_that_cannot_be_is_refused(command, port) -> None:
    refused = command("serve", f"--port={port}")
    assert refused.code == 2
    assert "--port" in refused.err
    assert "Traceback" not in refused.err


@pytest.mark.parametrize(
    ("name", "value"),
    [("API_PORT", "http"), ("JWT_SECRET_KEY", "hush-hush"), ("ANOMALY_DETECTION_ENV", "moon")],
)
def test_a_wrong_setting_is_one_line_that_names_it_and_not_its_value(
    command, monkeypatch, name, value
) -> None:
    monkeypatch.setenv(name, value)
    refused = command("serve", "gateway")
    assert refused.code == 2
    assert refused.err.startswith(f"error: {name}")
    assert refused.err.count("\n") == 1
    assert value not in refused.err


def test_a_data_folder_that_is_a_file_is_one_line(command, tmp_path) -> None:
    path = tmp_path / "file"
    path.touch()
    refused = command("serve", "gateway", "--port", 0, "--data", path)
    assert refused.code == 2
    assert str(path) in refused.err
    assert refused.err.count("\n") == 1


def test_a_kafka_that_is_away_is_no_traceback(command, monkeypatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9")
    refused = command("serve", "gateway", "--port", 0)
    assert refused.code == 2
    assert refused.err.splitlines()[-1].startswith("error: the services did not start: Kafka")
    assert "Traceback" not in refused.err


def test_a_missing_extra_is_told_with_what_to_install(command, monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    refused = command("serve")
    assert refused.code == 2
    assert "anomaly_detection[server]" in refused.err


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses of the services that one of them calls."""
    for service in ("AUTH", "INGESTION", "TRAINING", "MODEL_REGISTRY", "DETECTION"):
        monkeypatch.setenv(f"{service}_URL", "http://127.0.0.1:9")


@pytest.mark.usefixtures("alone")
def test_a_service_answers_until_a_signal_ends_it() -> None:
    code = "from anomaly_detection.cli.main import run; run()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "serve", "gateway", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ},
    ) as process:
        try:
            assert process.stdout is not None
            url = next(_ready_urls(process.stdout))
            assert httpx2.get(f"{url}/health/live").status_code == 200
            process.send_signal(signal.SIGTERM)
            rest = process.stdout.read()
            assert process.wait(timeout=20) == 0
            assert "Traceback" not in rest
        finally:
            process.kill()


def _ready_urls(lines) -> Iterator[str]:
    for line in lines:
        entry = json.loads(line)
        if entry["event"] == "ready":
            yield entry["url"]
