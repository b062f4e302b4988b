"""Where records come, over REST, while they flow."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ad_detection import main
from ad_detection.api.keeper_writer import KeeperWriter
from tests.support.bound_callers import hidden_and_missing
from tests.support.records import sensor_records
from tests.unit.ad_detection.test_main import STREAM, Running, detection, until

PATH = "/api/v1/streams/sensors/partitions"


@pytest.fixture
async def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    monkeypatch.setattr(main, "KeeperWriter", partial(KeeperWriter, every_seconds=0.05))
    async with detection(tmp_path) as running:
        await running.tell(STREAM)
        yield running


async def partitions(running: Running, **params: Any) -> list[dict[str, Any]]:
    return (await running.http.get(PATH, params=params)).json()["items"]


async def test_partitions_tell_their_records_and_who_sends_most_of_them(running: Running) -> None:

    async def known() -> bool:
        return (await running.http.get(PATH)).is_success

    await until(known)
    assert await partitions(running) == []
    await running.send(sensor_records(120))

    async def all_told() -> bool:
        found = await partitions(running)
        return bool(found) and found[0]["records"] == 120

    await until(all_told)
    [found] = await partitions(running)
    assert (found["partition"], found["share"], found["stale"]) == (2, 1.0, False)
    assert found["entities"] == len(found["busiest"]) > 0
    assert sum(each["share"] for each in found["busiest"]) == pytest.approx(1.0, abs=1e-3)
    metrics = (await running.http.get("/metrics")).text
    assert (
        'anomaly_detection_records_total{partition="2",service="detection",topic="records.default"} '
        in metrics
    )
    steps = {
        line.partition('step="')[2].partition('"')[0] for line in metrics.splitlines() if "step=" in line
    }
    assert {"poll", "handle", "score", "encode", "snapshot", "commit"} <= steps


async def test_what_cannot_be_told_is_explained(running: Running) -> None:
    for path, params, status, word in [
        ("/api/v1/streams/nowhere/partitions", {}, 404, "no stream 'nowhere'"),
        (PATH, {"limit": 1001}, 422, "limit"),
    ]:
        refused = await running.http.get(path, params=params)
        assert (refused.status_code, word in refused.text) == (status, True), refused.text
    assert (await running.http.get(PATH, headers={"Authorization": ""})).status_code == 401


async def test_who_does_not_see_the_stream_learns_nothing_of_it(running: Running) -> None:
    hidden, missing = await hidden_and_missing(running.http, running.auth, PATH)
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.json()["detail"] == missing.json()["detail"].replace("nowhere", "sensors")
