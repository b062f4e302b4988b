"""Replays published as corrections over REST, on the embedded log."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ad_chassis.eventlog.errors import Transient
from ad_chassis.eventlog.port import TopicPartition
from ad_contracts.headers import iso_time
from ad_detection.adapters.object_findings import ObjectFindings
from ad_detection.adapters.outputs import OutputWriter
from ad_detection.adapters.sql_anomalies import SqlAnomalies
from ad_detection.adapters.sql_replays import SqlReplays
from ad_detection.api.replay_publisher import ReplayPublisher
from ad_detection.api.replay_runner import SILENT_MS
from ad_detection.domain.replays import Publication
from ad_detection.main import clock_ms
from ad_detection.usecases.publish_replay import PublishTools
from tests.support.replays import Replays, Rows, at, replaying, rows

SPIKES = [1500, 1777, 1901]
LOOSE, STRICT = [{"model": "pumps@1"}], [{"model": "pumps@2"}]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Replays]:
    """A stream of 2,000 records, scored live by `adaptive`, which told of three."""
    async with replaying(tmp_path) as running:
        await running.create()
        await running.send(rows(2000, SPIKES))
        await running.live(3)
        yield running


def records(anomalies: Rows) -> set[str]:
    return {each["record_id"] for each in anomalies}


def ids(anomalies: Rows) -> set[str]:
    return {each["id"] for each in anomalies}


async def events(running: Replays) -> int:
    return sum((await running.platform.event_log.end_offsets("anomalies.default")).values())


async def test_the_list_shows_what_the_published_model_found_and_what_it_replaced_when_asked(
    running: Replays,
) -> None:
    live = await running.listed()
    loose = await running.run(source="log", configurations=LOOSE)
    found = await running.anomalies(loose)
    published = (await running.publish(loose))["publication"]
    assert (published["state"], published["progress"], published["error"]) == ("succeeded", 1.0, None)
    assert published["anomalies"] == len(found) > 50
    listed = await running.listed()
    assert ids(listed) == ids(found)
    superseding = {each["record_id"]: each["supersedes"] for each in listed if each["supersedes"]}
    assert superseding == {each["record_id"]: each["id"] for each in live}
    [first, *_] = live
    shown = (await running.http.get(f"/api/v1/anomalies/{first['id']}")).json()
    assert shown["superseded_by"] in ids(listed)


async def test_a_stricter_model_retracts_what_it_does_not_find(running: Replays) -> None:
    loose = await running.run(source="log", configurations=LOOSE)
    await running.publish(loose)
    before = {each["id"]: each for each in await running.listed()}
    strict = await running.run(source="log", configurations=STRICT)
    found = await running.anomalies(strict)
    published = (await running.publish(strict))["publication"]
    assert ids(await running.listed()) == ids(found)
    assert (published["anomalies"], published["retracted"]) == (len(found), len(before) - len(found))
    assert published["retracted"] > 20
    everything = await running.listed(superseded=True)
    for each in (each for each in everything if each["retracted"]):
        old = before[each["supersedes"]]
        same = {"value", "score", "event_time", "entity", "record_id", "episode_id", "severity"}
        assert {name: each[name] for name in same} == {name: old[name] for name in same}
        assert (each["model_version"], old["model_version"]) == ("pumps@2", "pumps@1")
    assert len(everything) == 3 + len(before) + len(before)


async def test_publishing_again_changes_nothing_and_another_configuration_is_refused(
    running: Replays,
) -> None:
    replay = await running.run(source="log", configurations=[*LOOSE, *STRICT])
    first = await running.publish(replay, "b")
    count, listed = await events(running), await running.listed(superseded=True)
    again = await running.publish(replay, "b")
    assert again == first
    assert (await events(running), await running.listed(superseded=True)) == (count, listed)
    twin = await running.publish(await running.run(source="log", configurations=STRICT))
    assert await events(running) == count
    assert (twin["publication"]["anomalies"], twin["publication"]["retracted"]) == (0, 0)
    assert twin["publication"]["unchanged"] == first["publication"]["anomalies"]
    address = f"/api/v1/replays/{replay['id']}/publish"
    other = await running.http.post(address, json={"configuration": "a"})
    assert (other.status_code, "'b'" in other.text) == (409, True)


async def test_a_model_that_is_right_after_all_counts_again_under_new_ids(running: Replays) -> None:
    loose = await running.run(source="log", configurations=LOOSE)
    found = await running.anomalies(loose)
    await running.publish(loose)
    await running.publish(await running.run(source="log", configurations=STRICT))
    back = await running.publish(await running.run(source="log", configurations=LOOSE))
    assert back["publication"]["state"] == "succeeded"
    listed = await running.listed()
    assert records(listed) == records(found)
    assert not ids(listed) & ids(found)
    assert {each["model_version"] for each in listed} == {"pumps@1"}


async def test_another_threshold_is_never_told_under_the_ids_of_the_model(running: Replays) -> None:
    lower = [{"model": "pumps@2", "threshold": 1.5}]
    replay = await running.run(source="log", configurations=lower)
    found = await running.anomalies(replay)
    await running.publish(replay)
    listed = await running.listed()
    assert records(listed) == records(found)
    assert not ids(listed) & ids(found)
    assert {each["episode_id"] for each in listed} <= ids(listed)
    assert {each["threshold"] for each in listed} == {1.5}
    again = await running.publish(await running.run(source="log", configurations=lower))
    assert again["publication"]["unchanged"] == len(found)


async def test_a_stream_replayed_from_its_first_record_has_nothing_to_correct(running: Replays) -> None:
    count = await events(running)
    published = (await running.publish(await running.run(source="log")))["publication"]
    assert (published["anomalies"], published["retracted"], published["unchanged"]) == (0, 0, 3)
    assert await events(running) == count


async def test_only_the_records_that_were_scored_are_corrected(running: Replays) -> None:
    live = await running.listed()
    partition, last = min((each["partition"], each["offset"]) for each in live)
    some = [{"partition": partition, "start": 0, "stop": last + 1}]
    replay = await running.run(source="log", offsets=some, configurations=STRICT)
    [span] = replay["result"]["spans"]
    assert span == some[0] | {"whole": True}
    inside = [each for each in live if (each["partition"], each["offset"]) <= (partition, last)]
    assert 0 < len(inside) < len(live)
    await running.publish(replay)
    listed = await running.listed()
    assert ids(live) - ids(listed) == ids(inside)


async def test_episodes_of_which_everything_was_superseded_are_hidden(running: Replays) -> None:
    live = await running.listed()
    await running.publish(await running.run(source="log", configurations=STRICT))

    async def episodes(**asked: Any) -> Rows:
        answer = await running.http.get("/api/v1/episodes", params={"limit": 1000} | asked)
        return answer.json()["items"]

    shown = await episodes()
    assert not ids(shown) & ids(live)
    assert {each["superseded"] for each in shown} == {0}
    everything = {each["id"]: each for each in await episodes(superseded=True)}
    assert {everything[each["id"]]["superseded"] for each in live} == {1}


async def test_what_would_not_be_right_is_refused_with_what_would_be(running: Replays) -> None:
    ends = await running.platform.event_log.end_offsets("records.default")
    late = [{"partition": place, "start": end // 2, "stop": end} for place, end in ends.items()]
    cold = await running.run(source="log", offsets=late)
    lake = await running.run(source="lake", configurations=STRICT)
    for replay, name, status, word in [
        (cold, "a", 422, "warm_from"),
        (lake, "a", 422, "source 'log'"),
        (cold, "b", 422, "name one of 'a'"),
        ({"id": "nobody"}, "a", 404, "no replay"),
    ]:
        address = f"/api/v1/replays/{replay['id']}/publish"
        answer = await running.http.post(address, json={"configuration": name})
        assert (answer.status_code, word in answer.text) == (status, True), answer.text
    assert (await running.http.get(f"/api/v1/replays/{cold['id']}")).json()["publication"] is None
    fine = await running.run(source="log", offsets=late, configurations=STRICT)
    assert (await running.publish(fine))["publication"]["state"] == "succeeded"


async def test_a_warm_start_may_be_published(running: Replays) -> None:
    last = max(await running.listed(), key=lambda each: each["event_time"])
    source = TopicPartition("records.default", last["partition"])
    [batch] = [
        each async for each in running.platform.event_log.read(source, last["offset"], last["offset"] + 1)
    ]
    begin = iso_time(batch.records[0].timestamp)
    cold = await running.run(source="log", **{"from": begin})
    refused = await running.http.post(f"/api/v1/replays/{cold['id']}/publish", json={})
    assert (refused.status_code, "knowing nothing" in refused.text) == (422, True)
    warm = await running.run(source="log", **{"from": begin, "warm_from": at(0)})
    published = (await running.publish(warm))["publication"]
    assert published["unchanged"] == len(await running.anomalies(warm)) > 0
    assert (published["anomalies"], published["retracted"]) == (0, 0)


async def test_findings_that_are_gone_are_not_taken_for_normal_records(running: Replays) -> None:
    replay = await running.run(source="log", configurations=STRICT)
    count = await events(running)
    await ObjectFindings(running.platform.objects).remove("default", replay["id"])
    failed = (await running.publish(replay))["publication"]
    assert (failed["state"], "gone" in failed["error"]) == ("failed", True)
    assert await events(running) == count


async def test_what_a_killed_process_left_is_shown_as_interrupted_and_goes_on_when_asked(
    running: Replays,
) -> None:
    replay = await running.run(source="log", configurations=STRICT)
    address = f"/api/v1/replays/{replay['id']}"
    store = SqlReplays(running.platform.database("detection"))
    now = clock_ms()
    begun = Publication(configuration="a", requested_by="me", started_ms=now, updated_ms=now)
    await store.publish("default", replay["id"], begun)
    assert (await running.http.get(address)).json()["publication"]["state"] == "running"
    assert (await running.http.delete(address)).status_code == 409
    await store.publish("default", replay["id"], replace(begun, updated_ms=now - SILENT_MS - 1))
    left = (await running.http.get(address)).json()["publication"]
    assert (left["state"], "publish it again" in left["error"]) == ("interrupted", True)
    [listed] = (await running.http.get("/api/v1/replays")).json()["items"]
    assert listed["publication"] == left
    assert (await running.publish(replay))["publication"]["state"] == "succeeded"
    assert (await running.http.delete(address)).status_code == 204


async def test_one_that_runs_is_begun_once_ends_with_its_process_and_goes_on_in_the_next(
    running: Replays,
) -> None:
    replay = await running.run(source="log", configurations=STRICT)
    held, sent = asyncio.Event(), running.platform.event_log.publish

    async def holding(messages: Any) -> None:
        held.set()
        await asyncio.Event().wait()

    database = running.platform.database("detection")
    findings, encoder = ObjectFindings(running.platform.objects), OutputWriter(running.platform.codec)
    tools = PublishTools(findings, SqlAnomalies(database), encoder, holding, clock_ms)
    store = SqlReplays(database)
    publisher = ReplayPublisher(store, tools, clock_ms)
    begun = await publisher.submit("default", replay["id"], "a", "me")
    async with asyncio.timeout(20):
        await held.wait()
    again = await publisher.submit("default", replay["id"], "a", "somebody")
    assert (again.publication, len(publisher._tasks)) == (begun.publication, 1)
    await publisher.stop()
    left = (await store.get("default", replay["id"])).publication
    assert (left.state, left.finished_ms is not None) == ("interrupted", True)
    going_on = ReplayPublisher(store, dataclasses.replace(tools, send=sent), clock_ms)
    await going_on.submit("default", replay["id"], "a", "me")
    await asyncio.gather(*going_on._tasks.values())
    assert (await store.get("default", replay["id"])).publication.state == "succeeded"
    assert going_on._tasks == {}


async def test_what_fails_says_why_but_not_what_is_inside(running: Replays) -> None:
    replay = await running.run(source="log", configurations=STRICT)
    store = SqlReplays(running.platform.database("detection"))
    for error, word in [(Transient("no broker"), "no broker"), (RuntimeError("secret"), "RuntimeError")]:

        async def failing(messages: Any, error: Exception = error) -> None:
            raise error

        tools = PublishTools(
            ObjectFindings(running.platform.objects),
            SqlAnomalies(running.platform.database("detection")),
            OutputWriter(running.platform.codec),
            failing,
            clock_ms,
        )
        publisher = ReplayPublisher(store, tools, clock_ms)
        await publisher.submit("default", replay["id"], "a", "me")
        await asyncio.gather(*publisher._tasks.values())
        failed = (await store.get("default", replay["id"])).publication
        assert (failed.state, word in failed.error, "secret" in failed.error) == ("failed", True, False)


async def test_only_what_succeeded_can_be_published(running: Replays) -> None:
    lost = [{"partition": 77, "start": 0, "stop": 1}]
    failed = await running.run(source="log", offsets=lost)
    answer = await running.http.post(f"/api/v1/replays/{failed['id']}/publish", json={})
    assert (answer.status_code, "is failed" in answer.text) == (409, True)
