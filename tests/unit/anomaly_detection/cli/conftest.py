"""A server with canned answers, and commands that talk to it."""

from collections.abc import Iterator

import pytest

from tests.support.canned_server import KEY, CannedServer, running


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
