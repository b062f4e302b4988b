"""Both clients against the platform in one process."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from anomaly_detection.client.address import login_of
from anomaly_detection.client.login import tokens_of
from anomaly_detection.client.problems import NotFound
from tests.architecture import project
from tests.e2e.client import until
from tests.e2e.system import System
from tests.specs.main_job import readings
from tests.support.oauth import SIGN_IN, Flow
from tests.support.stumbling import stumbling
from tests.support.ways import TasksWay, ThreadsWay, Way

pytestmark = pytest.mark.timeout(180)
RECORDS = 20_000
SPIKES = tuple(range(5_000, RECORDS, 250))
SCHEMA = {
    "fields": [
        {"name": "time", "type": "timestamp"},
        {"name": "sensor", "type": "string"},
        {"name": "load", "type": "float"},
        {"name": "heat", "type": "float"},
    ],
    "entity": "sensor",
    "timestamp": "time",
}


@pytest.fixture(scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    system = System.embedded(tmp_path_factory.mktemp("client"))
    try:
        await system.start()
        yield system
    finally:
        system.stop()


@pytest.fixture(params=[ThreadsWay, TasksWay], ids=["threads", "tasks"])
async def way(request: pytest.FixtureRequest) -> AsyncIterator[Way]:
    way: Way = request.param()
    yield way
    await way.end()


async def test_records_go_up_as_they_are_made_and_anomalies_come_down_live_and_in_pages(
    system: System, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("anomaly_detection.client.calling.PAGE", 10)
    client = way.open(system.url, system.admin_key()).client
    stream = f"job-{type(way).__name__.lower()}"
    await way.do(client.streams.create, stream, schema=SCHEMA)
    live: list[dict[str, Any]] = []
    notes: list[str] = []
    following = asyncio.create_task(
        way.followed(client.anomalies.follow(stream=stream, note=notes.append), live)
    )
    await until(lambda: ready(notes), 30, lambda: f"the feed said {notes}")
    rows = (row for row in readings(RECORDS, spikes=SPIKES))
    sent = await way.do(client.records.send, stream, rows)
    assert (sent["rows"], sent["accepted"], len(sent["batches"])) == (RECORDS, RECORDS, 4)

    async def all_are_here() -> bool:
        stored = [each["id"] for each in await way.take(client.anomalies.list(stream=stream))]
        return len(stored) >= 25 and sorted(stored) == sorted(each["id"] for each in live)

    await until(all_are_here, 60, lambda: f"the feed showed {len(live)}")
    assert len({each["id"] for each in live}) == len(live)
    first = await way.take(client.anomalies.list(stream=stream, limit=15))
    assert len(first) == 15
    assert await way.do(client.anomalies.get, first[0]["id"]) == first[0]
    await way.do(client.streams.delete, stream)
    with pytest.raises(NotFound):
        await way.do(client.streams.get, stream)
    await way.end()
    await following


async def test_a_platform_that_is_busy_at_first_gets_everything_once(system: System, way: Way) -> None:
    stream = f"busy-{type(way).__name__.lower()}"
    with stumbling(system.url) as stumbled:
        client = way.open(stumbled.url, system.admin_key()).client
        await way.do(client.streams.create, stream, schema=SCHEMA)
        sent = await way.do(client.records.send, stream, readings(200), batch_rows=100)
        assert sent["accepted"] == 200
        found = await way.do(client.streams.get, stream)
    assert found["counts"]["accepted"] == 200
    assert len(stumbled.tries) == 2 * len(set(stumbled.tries)) == 8


async def test_a_login_whose_token_is_ended_goes_on_with_another(
    system: System, way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("ANOMALY_DETECTION_API_KEY", raising=False)
    await sign_in(system)
    client = way.open(system.url).client
    assert (await way.do(client.me))["name"] == SIGN_IN["username"]
    notes: list[str] = []
    following = asyncio.create_task(way.followed(client.anomalies.follow(note=notes.append), []))
    await until(lambda: ready(notes), 30, lambda: f"the feed said {notes}")
    await end_token(system)
    await until(lambda: back(notes), 30, lambda: f"the feed said {notes}")
    assert [each["name"] for each in await way.at_once(client.me, 6)] == [SIGN_IN["username"]] * 6
    await way.end()
    await following


async def test_a_platform_that_starts_anew_is_followed_without_loss_or_doubles(tmp_path: Path) -> None:
    system = System.embedded(tmp_path)
    ways: list[Way] = [ThreadsWay(), TasksWay()]
    live: list[list[dict[str, Any]]] = [[], []]
    notes: list[list[str]] = [[], []]
    try:
        await system.start()
        clients = [way.open(system.url, system.admin_key()).client for way in ways]
        clients[0].streams.create("pumps", schema=SCHEMA)
        following = [
            asyncio.create_task(way.followed(client.anomalies.follow(note=told.append), found))
            for way, client, told, found in zip(ways, clients, notes, live, strict=True)
        ]
        await until(lambda: all_of(notes, "connected"), 30, lambda: f"the feeds said {notes}")
        rows = readings(RECORDS, spikes=SPIKES)
        clients[0].records.send("pumps", rows[: RECORDS // 2])
        await until(lambda: shown(live, 5), 30, lambda: f"the feeds showed {[*map(len, live)]}")
        system.end(None)
        system.launch(None)
        await system.ready()
        clients[0].records.send("pumps", rows[RECORDS // 2 :])

        async def all_are_here() -> bool:
            stored = sorted(each["id"] for each in clients[0].anomalies.list())
            return len(stored) >= 25 and all(sorted(each["id"] for each in found) == stored for found in live)

        await until(all_are_here, 60, lambda: f"the feeds showed {[*map(len, live)]}")
        assert await all_of(notes, "connected again")
        for way in ways:
            await way.end()
        await asyncio.gather(*following)
    finally:
        system.stop()


async def all_of(notes: list[list[str]], last: str) -> bool:
    return all(told and told[-1] == last for told in notes)


async def shown(live: list[list[dict[str, Any]]], least: int) -> bool:
    return all(len(found) >= least for found in live)


async def ready(notes: list[str]) -> bool:
    return notes == ["connected"]


async def back(notes: list[str]) -> bool:
    return notes[-1] == "connected again"


async def sign_in(system: System) -> None:
    """As a person does in a browser, who is made first."""
    async with httpx2.AsyncClient(base_url=f"{system.url}/api/v1", trust_env=False) as http:
        user = {"username": SIGN_IN["username"], "password": SIGN_IN["password"], "role": "viewer"}
        key = {"Authorization": f"Bearer {system.admin_key()}"}
        assert (await http.post("/users", json=user, headers=key)).status_code in {201, 409}
        flow = Flow(http)
        answer = await flow.exchange(await flow.code())
        assert answer.status_code == 200, answer.text
        login_of(system.url).keep(tokens_of(answer.json(), SIGN_IN["username"]))


async def end_token(system: System) -> None:
    """Before its time, until the platform knows of it."""
    token = login_of(system.url).tokens().access_token
    async with httpx2.AsyncClient(base_url=f"{system.url}/api/v1", trust_env=False) as http:
        await http.post("/auth/revoke", data={"token": token, "client_id": "cli"})

        async def refused() -> bool:
            answer = await http.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
            return answer.status_code == 401

        await until(refused, 20, lambda: "the token is still taken")


async def test_what_the_guide_shows_runs(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    guide = (project.ROOT / "docs" / "guides" / "client.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    monkeypatch.setenv("ANOMALY_DETECTION_API_KEY", system.admin_key())
    monkeypatch.chdir(tmp_path)
    program = "\n".join(blocks).replace("http://127.0.0.1:8000", system.url)
    await asyncio.to_thread(exec, program, {"__name__": "guide"})
    shown = capsys.readouterr().out
    assert "2000 taken in 4 bodies" in shown
    assert "there is no stream 'fans'" in shown
    assert (tmp_path / "turbines.adm").stat().st_size > 1000
    assert len(blocks) == 7
