"""Lists of entities over REST, while records flow."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from ad_detection import main
from ad_detection.api.keeper_writer import KeeperWriter
from tests.support.bound_callers import hidden_and_missing
from tests.support.records import sensor_records, stored
from tests.unit.ad_detection.test_main import STREAM, Running, detection, until

PATH = "/api/v1/streams/sensors/entities"
LIMITED = structs.replace(STREAM, settings_json='{"max_entities": 10}')


@pytest.fixture
async def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    monkeypatch.setattr(main, "KeeperWriter", partial(KeeperWriter, every_seconds=0.05))
    async with detection(tmp_path) as running:
        await running.tell(LIMITED)
        yield running


async def listed(running: Running, state: str) -> dict[str, int]:
    """The records of each entity of a list, taken page by page."""
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"state": state, "limit": 3}
    while True:
        page = (await running.http.get(PATH, params=query)).json()
        found += page["items"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert {item["state"] for item in found} <= {state}
    assert all(item["first_time"] <= item["last_time"] for item in found)
    return {item["entity"]: item["records"] for item in found}


async def send(running: Running, names: list[int]) -> None:
    bodies = [{"sensor": f"s{name}", "load": 1.0, "heat": 1.0} for name in names]
    await running.send([stored(row, body) for row, body in enumerate(bodies)])


async def test_cold_refused_and_evicted_entities_are_listed(running: Running) -> None:
    await send(running, [*range(12), *range(9, 12), 2])
    refused, evicted = {"s9": 1, "s10": 1, "s11": 1}, {"s1": 1, "s0": 1}

    async def all_known() -> bool:
        return await listed(running, "refused") == refused and len(await listed(running, "cold")) == 12

    await until(all_known)
    assert await listed(running, "evicted") == evicted
    cold = await listed(running, "cold")
    assert (cold["s0"], cold["s2"], cold["s9"]) == (1, 2, 1)


async def test_an_entity_that_has_warmed_up_is_cold_no_longer(running: Running) -> None:
    await send(running, [0, 1, 2, 3])

    async def cold(*names: str) -> bool:
        return set(await listed(running, "cold")) == set(names)

    await until(lambda: cold("s0", "s1", "s2", "s3"))
    await running.send(sensor_records(300, sensors=3))
    await until(lambda: cold("s3"))
    assert await listed(running, "cold") == {"s3": 1}


async def test_what_does_not_exist_is_said(running: Running) -> None:
    await until(lambda: known(running))
    assert (await running.http.get(PATH.replace("sensors", "others"))).status_code == 404
    assert (await running.http.get(PATH, params={"state": "warm"})).status_code == 422
    assert (await running.http.get(PATH, params={"cursor": "none"})).status_code == 400


async def known(running: Running) -> bool:
    return (await running.http.get(PATH)).status_code == 200


async def test_who_does_not_see_the_stream_learns_nothing_of_it(running: Running) -> None:
    hidden, missing = await hidden_and_missing(running.http, running.auth, PATH)
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.json()["detail"] == missing.json()["detail"].replace("nowhere", "sensors")
