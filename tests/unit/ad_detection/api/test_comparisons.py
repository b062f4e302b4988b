"""Challengers while records flow, and the comparison over REST."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ad_detection import main
from ad_detection.api.keeper_writer import KeeperWriter
from tests.support.bound_callers import hidden_and_missing
from tests.support.records import TOPIC, sensor_records
from tests.unit.ad_detection.test_main import STREAM, Running, detection, scored, until

PATH = "/api/v1/streams/sensors/comparison"


@pytest.fixture
async def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Running]:
    monkeypatch.setattr(main, "KeeperWriter", partial(KeeperWriter, every_seconds=0.05))
    async with detection(tmp_path) as running:
        await running.tell(STREAM)
        yield running


async def comparison(running: Running, **params: str) -> list[dict[str, Any]]:
    return (await running.http.get(PATH, params=params)).json()["items"]


def by_record(scores: list[dict[str, Any]], version: str) -> dict[str, bool]:
    return {each["record_id"]: each["label"] for each in scores if each["model_version"] == version}


async def test_a_challenger_scores_is_compared_and_takes_over_while_records_flow(running: Running) -> None:
    await running.switch(1, 1)
    await running.deploy(2, 1, 2, 3)

    async def joined() -> bool:
        await running.send(sensor_records(1))
        return "pumps@2" in {each["model_version"] for each in await running.scores()}

    await until(joined)
    await running.send(sensor_records(400, spikes=[100, 300]))
    sent = sum((await running.platform.event_log.end_offsets(TOPIC)).values())

    async def all_scored() -> bool:
        found = by_record(await running.scores(), "pumps@1") | by_record(await running.scores(), "pumps@2")
        return f"{TOPIC}/2/{sent - 1}/0" in found

    await until(all_scored)
    scores = await running.scores()
    champion, challenger = (by_record(scores, f"pumps@{number}") for number in (1, 2))
    shared = champion.keys() & challenger.keys()
    assert shared == challenger.keys()
    assert len(shared) > 400

    async def counted() -> bool:
        items = await comparison(running)
        return bool(items) and items[0]["rows"] == len(shared)

    await until(counted)
    [report] = await comparison(running)
    alerts = {record for record in shared if champion[record]}
    others = {record for record in shared if challenger[record]}
    assert (report["champion"], report["challenger"]) == ("pumps@1", "pumps@2")
    assert (report["champion_alerts"], report["challenger_alerts"]) == (len(alerts), len(others))
    assert (report["both"], report["only_champion"], report["only_challenger"]) == (
        len(alerts & others),
        len(alerts - others),
        len(others - alerts),
    )
    assert report["rank_correlation"] is not None
    assert report["challenger_drift"] is None
    told = {each["model_version"] for each in await running.anomalies(limit=1000)}
    assert "pumps@2" not in told

    await running.switch(3, 2)
    before = len(await running.scores())
    await running.send(sensor_records(5))
    after = (await scored(running, before + 5))[before:]
    assert {each["model_version"] for each in after} == {"pumps@2"}


async def test_what_cannot_be_compared_is_explained(running: Running) -> None:
    await running.send(sensor_records(1))
    await scored(running, 1)
    assert await comparison(running) == []
    hours = {"from": "2026-01-31T12:59:00Z", "to": "2026-01-31T13:00"}
    answer = (await running.http.get(PATH, params=hours)).json()
    assert (answer["from"], answer["to"]) == ("2026-01-31T12:00:00Z", "2026-01-31T13:00:00Z")
    for path, params, status, word in [
        ("/api/v1/streams/nowhere/comparison", {}, 404, "no stream 'nowhere'"),
        (PATH, {"from": "2026-01-31", "to": "2026-01-30"}, 400, "not before"),
        (PATH, {"from": "yesterday"}, 422, "from"),
    ]:
        refused = await running.http.get(path, params=params)
        assert (refused.status_code, word in refused.text) == (status, True), refused.text


async def test_who_does_not_see_the_stream_learns_nothing_of_it(running: Running) -> None:
    hidden, missing = await hidden_and_missing(running.http, running.auth, PATH)
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert hidden.json()["detail"] == missing.json()["detail"].replace("nowhere", "sensors")
