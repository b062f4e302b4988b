"""A server with canned answers, and commands that talk to it."""

from collections.abc import Iterator

import pytest

from tests.support.canned_server import KEY, CannedServer, running


@pytest.fixture(autouse=True)
def piped_width(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables as wide as they are in a pipe, wherever the tests run."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="session")
def canned() -> Iterator[CannedServer]:
    with running() as server:
        yield server


@pytest.fixture
def server(canned: CannedServer, monkeypatch: pytest.MonkeyPatch) -> CannedServer:
    canned.forget()
    monkeypatch.setenv("ANOMALY_DETECTION_URL", canned.url)
    monkeypatch.setenv("ANOMALY_DETECTION_API_KEY", KEY)
    return canned


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls are tried again at once."""
    monkeypatch.setattr("anomaly_detection.client.retrying.FIRST_WAIT_SECONDS", 0.0)
