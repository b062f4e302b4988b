"""Anomalies over REST, to those who see their streams."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from ad_chassis.health import Health
from ad_chassis.http import create_app
from ad_chassis.metrics import Metrics
from ad_chassis.testing import FakeAuth, memory_platform
from ad_detection.adapters import tables
from ad_detection.adapters.sql_anomalies import SqlAnomalies
from ad_detection.api.anomalies import anomaly_routes
from tests.support.anomalies import anomaly
from tests.support.fixed_view import FixedView

AUTH = FakeAuth()
PATH = "/api/v1/anomalies"


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """Nine anomalies of three streams, in turns."""
    async with memory_platform(tmp_path) as platform:
        database = platform.database(tables.SERVICE, "ad_detection.migrations")
        await database.start()
        store = SqlAnomalies(database)
        streams = ("mills", "pumps", "fans")
        await store.save([anomaly(number, stream=streams[number % 3]) for number in range(9)])
        app = create_app("x", "1", metrics=Metrics("x"), health=Health("1"), verifier=AUTH.verifier())
        app.include_router(anomaly_routes(store, FixedView(*streams)))
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://x") as client:
            yield client
        await database.stop()


@pytest.mark.parametrize(
    ("streams", "places"),
    [
        (None, [8, 7, 6, 5, 4, 3, 2, 1, 0]),
        (["pumps"], [7, 4, 1]),
        (["mills", "fans"], [8, 6, 5, 3, 2, 0]),
        (["gone"], []),
        ([], []),
    ],
)
async def test_pages_are_full_and_hold_only_what_the_caller_sees(http, streams, places) -> None:
    headers, found, sizes, cursor = AUTH.headers(streams=streams), [], [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await http.get(PATH, params=query, headers=headers)).json()
        found += [each["offset"] for each in page["items"]]
        sizes.append(len(page["items"]))
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == places
    assert set(sizes[:-1]) <= {2}


async def test_asking_for_another_stream_or_anomaly_finds_nothing(http) -> None:
    headers = AUTH.headers(streams=["pumps"])
    own = (await http.get(PATH, params={"stream": "pumps"}, headers=headers)).json()
    assert [each["offset"] for each in own["items"]] == [7, 4, 1]
    for stream, token in (("mills", headers), ("gone", headers), ("gone", AUTH.headers())):
        listed = await http.get(PATH, params={"stream": stream}, headers=token)
        assert (listed.status_code, f"no stream {stream!r}" in listed.text) == (404, True)
    assert (await http.get(f"{PATH}/{anomaly(1).id}", headers=headers)).status_code == 200
    hidden = await http.get(f"{PATH}/{anomaly(0).id}", headers=headers)
    missing = await http.get(f"{PATH}/{anomaly(99).id}", headers=headers)
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.json()["detail"] == missing.json()["detail"].replace(anomaly(99).id, anomaly(0).id)
