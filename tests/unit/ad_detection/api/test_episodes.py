"""Episodes over REST, to those who see their streams."""

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
from ad_detection.adapters.sql_episodes import SqlEpisodes
from ad_detection.api.episodes import episode_routes
from tests.support.anomalies import anomaly
from tests.support.fixed_view import FixedView

AUTH = FakeAuth()
PATH = "/api/v1/episodes"


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """An episode of one anomaly in each of two streams."""
    async with memory_platform(tmp_path) as platform:
        database = platform.database(tables.SERVICE, "ad_detection.migrations")
        await database.start()
        await SqlAnomalies(database).save([anomaly(0, stream="mills"), anomaly(1, stream="pumps")])
        app = create_app("x", "1", metrics=Metrics("x"), health=Health("1"), verifier=AUTH.verifier())
        app.include_router(episode_routes(SqlEpisodes(database), FixedView("mills", "pumps")))
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://x") as client:
            yield client
        await database.stop()


@pytest.mark.parametrize(
    ("streams", "seen"),
    [(None, ["pumps", "mills"]), (["pumps"], ["pumps"]), (["mills", "gone"], ["mills"]), ([], [])],
)
async def test_only_episodes_of_streams_that_the_caller_sees_are_there(http, streams, seen) -> None:
    headers = AUTH.headers(streams=streams)
    page = (await http.get(PATH, params={"limit": 10}, headers=headers)).json()
    assert [each["stream"] for each in page["items"]] == seen
    for each in (await http.get(PATH, headers=AUTH.headers())).json()["items"]:
        answer = await http.get(f"{PATH}/{each['id']}", headers=headers)
        assert answer.status_code == (200 if each["stream"] in seen else 404)


async def test_asking_for_another_stream_finds_nothing(http) -> None:
    headers = AUTH.headers(streams=["pumps"])
    own = await http.get(PATH, params={"stream": "pumps"}, headers=headers)
    assert [each["stream"] for each in own.json()["items"]] == ["pumps"]
    for stream in ("mills", "gone"):
        page = await http.get(PATH, params={"stream": stream}, headers=headers)
        assert (page.status_code, f"no stream {stream!r}" in page.text) == (404, True)
