"""A server with canned answers, and its address."""

from collections.abc import Iterator

import pytest

from anomaly_detection.client.address import Address
from tests.support.canned_server import KEY, CannedServer, running


@pytest.fixture(scope="session")
def canned() -> Iterator[CannedServer]:
    with running() as server:
        yield server


@pytest.fixture
def server(canned: CannedServer) -> CannedServer:
    canned.forget()
    return canned


@pytest.fixture
def address(server: CannedServer) -> Address:
    return Address(server.url, KEY)
