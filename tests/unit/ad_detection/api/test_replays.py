"""Replays over REST, beside the live path, on the embedded log and lake."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.replays import Replays, at, replaying, rows

SPIKES = [1500, 1777, 1901]
TOLD_WHEN = {"id", "episode_id", "detected_time", "partition", "offset", "row"}


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Replays]:
    """A stream of 2,000 records, scored live by `adaptive`."""
    folder: Path = tmp_path_factory.mktemp("replays")
    async with replaying(folder) as running:
        await running.create()
        await running.send(rows(2000, SPIKES))
        await running.live(3)
        yield running


def by_record(anomalies: list[dict[str, Any]], *without: str) -> dict[str, dict[str, Any]]:
    return {
        each["record_id"]: {name: value for name, value in each.items() if name not in without}
        for each in anomalies
    }


async def test_a_replay_of_the_log_tells_what_the_live_path_told_to_the_bit(running: Replays) -> None:
    live = await running.live(3)
    replay = await running.run(source="log")
    assert (replay["state"], replay["rows"], replay["progress"]) == ("succeeded", 2000, 1.0), replay
    found = await running.anomalies(replay)
    assert by_record(found, "detected_time") == by_record(live, "detected_time")


async def test_a_replay_of_the_lake_gives_the_same_scores_to_the_bit(running: Replays) -> None:
    live = await running.live(3)
    replay = await running.run(source="lake")
    assert (replay["state"], replay["rows"]) == ("succeeded", 2000), replay
    found = await running.anomalies(replay)
    assert by_record(found, *TOLD_WHEN) == by_record(live, *TOLD_WHEN)


async def test_a_replay_leaves_no_trace_in_the_live_path(running: Replays) -> None:
    log = running.platform.event_log
    before = [await log.end_offsets(name) for name in ("anomalies.default", "rejected.default")]
    live = await running.live(3)
    await running.run(source="log", configurations=[{"algorithm": "ewma"}])
    assert [await log.end_offsets(name) for name in ("anomalies.default", "rejected.default")] == before
    assert await running.live(3) == live


async def test_two_configurations_are_compared_over_the_same_records_with_labels(running: Replays) -> None:
    labels = [{"start": at(spike - 5), "end": at(spike + 5)} for spike in SPIKES]
    labels += [{"start": at(100), "end": at(110)}, {"time": at(3), "label": 0}]
    replay = await running.run(configurations=[{"model": "pumps@1"}, {"model": "pumps@2"}], labels=labels)
    assert replay["state"] == "succeeded", replay
    a, b = replay["result"]["configurations"].values()
    compared = replay["result"]["comparison"]
    assert (a["model_version"], b["model_version"], replay["labels"]) == ("pumps@1", "pumps@2", 4)
    assert a["alerts"] > b["alerts"] >= 3
    assert (compared["both"], compared["only_b"]) == (b["alerts"], 0)
    assert compared["only_a"] == a["alerts"] - b["alerts"]
    assert compared["rank_correlation"] == pytest.approx(1.0)
    assert b["labels"]["windows_found"] >= 3
    assert b["labels"]["precision"] == pytest.approx(b["labels"]["alerts_inside"] / b["alerts"])
    assert 0 <= b["labels"]["seconds_to_detect_max"] <= 10
    assert len(await running.anomalies(replay, "b", limit=2)) == b["alerts"] == b["kept"]


async def test_a_range_is_scored_after_what_lies_before_it_was_learnt(running: Replays) -> None:
    live = by_record(await running.live(3), *TOLD_WHEN)
    cut = {"from": at(1700), "to": at(1800)}
    cold = await running.run(**cut)
    warm = await running.run(**cut, warm_from=at(0))
    assert (cold["rows"], warm["rows"]) == (100, 100)
    assert await running.anomalies(cold) == []
    found = by_record(await running.anomalies(warm), *TOLD_WHEN)
    assert found == {key: each for key, each in live.items() if at(1700) <= each["event_time"] < at(1800)}
    assert len(found) == 1


async def test_offsets_choose_records_of_the_log(running: Replays) -> None:
    ends = await running.platform.event_log.end_offsets("records.default")
    partition = max(ends, key=lambda each: ends[each])
    one = {"partition": partition, "start": 0, "stop": 1}
    some = await running.run(source="log", offsets=[one])
    every = await running.run(source="log", offsets=[one | {"stop": 10_000}])
    assert 0 < some["rows"] < every["rows"]
    lost = await running.run(source="log", offsets=[one | {"partition": 77}])
    assert (lost["state"], "has the partitions 0, 1" in lost["error"]) == ("failed", True)


async def test_what_cannot_be_replayed_is_refused_with_what_would_be_right(running: Replays) -> None:
    for body, status, word in [
        ({"stream": "nobody"}, 404, "no stream"),
        ({"configurations": [{"algorithm": "magic"}]}, 422, "valid choices"),
        ({"configurations": [{"model": "pumps@1", "algorithm": "ewma"}]}, 422, "threshold"),
        ({"configurations": [{"threshold": 3.0}]}, 422, "alert_probability"),
        ({"configurations": [{}, {}, {}]}, 422, "at most 2"),
        ({"from": at(10), "to": at(5)}, 422, "after"),
        ({"warm_from": at(10)}, 422, "before"),
        ({"offsets": [{"partition": 0, "start": 0, "stop": 5}]}, 422, "log"),
        ({"labels": [{"entity": "s1"}]}, 422, "start"),
    ]:
        answer = await running.http.post("/api/v1/replays", json={"stream": "sensors"} | body)
        assert (answer.status_code, word in answer.text) == (status, True), answer.text


async def test_a_deleted_replay_is_gone_with_its_anomalies(running: Replays) -> None:
    replay = await running.run()
    prefix = f"replays/default/{replay['id']}"
    assert await running.platform.objects.list(prefix)
    address = f"/api/v1/replays/{replay['id']}"
    assert (await running.http.post(f"{address}/cancel")).json()["state"] == "succeeded"
    assert (await running.http.delete(address)).status_code == 204
    assert (await running.http.get(address)).status_code == 404
    assert not await running.platform.objects.list(prefix)
    assert replay["id"] not in {
        each["id"] for each in (await running.http.get("/api/v1/replays")).json()["items"]
    }


async def test_replays_are_listed_newest_first_page_by_page(running: Replays) -> None:
    begun = [(await running.run())["id"] for _ in range(3)]
    first = (await running.http.get("/api/v1/replays", params={"limit": 2, "stream": "sensors"})).json()
    query = {"limit": 1, "cursor": first["next_cursor"]}
    second = (await running.http.get("/api/v1/replays", params=query)).json()
    assert [each["id"] for each in first["items"] + second["items"]] == begun[::-1]


async def test_a_range_that_is_too_long_fails_with_the_limit(tmp_path: Path) -> None:
    async with replaying(tmp_path, replay_max_rows=500) as running:
        await running.create()
        await running.send(rows(600))
        replay = await running.run()
    assert (replay["state"], "500 records" in replay["error"]) == ("failed", True)


async def test_times_of_the_log_are_those_of_arrival(running: Replays) -> None:
    source, whole = {"source": "log"}, await running.run(source="log")
    past, future = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
    before = await running.run(**source, to=past)
    after = await running.run(**source, **{"from": past})
    warm = await running.run(**source, **{"from": future, "warm_from": past})
    assert (before["rows"], after["rows"], warm["rows"]) == (0, whole["rows"], 0)


async def test_a_replay_that_waits_can_be_cancelled_and_what_runs_at_the_end_is_interrupted(
    tmp_path: Path,
) -> None:
    async with replaying(tmp_path) as first:
        await first.create()
        await first.send(rows(300))
        # Nothing is awaited between them that lets the queue go on for long.
        begun = [await first.start(configurations=[{"algorithm": "ewma"}]) for _ in range(5)]
        last = f"/api/v1/replays/{begun[-1]['id']}"
        cancelled = (await first.http.post(f"{last}/cancel")).json()
        assert cancelled["state"] in {"cancelled", "succeeded"}
        assert (await first.http.delete(f"/api/v1/replays/{begun[0]['id']}")).status_code == 204
    async with replaying(tmp_path) as second:
        items = (await second.http.get("/api/v1/replays")).json()["items"]
        assert len(items) == 4
        assert {each["state"] for each in items} <= {"succeeded", "interrupted", "cancelled"}


async def test_records_of_other_streams_on_the_topic_are_passed_over(tmp_path: Path) -> None:
    async with replaying(tmp_path) as running:
        await running.create()
        await running.send(rows(300))
        await running.create("others")
        await running.send(rows(200), stream="others")
        whole, other = [await running.run(source="log", stream=name) for name in ("sensors", "others")]
    assert (whole["rows"], other["rows"]) == (300, 200)
    assert whole["result"]["configurations"]["a"]["rejected"] == 0


async def test_who_does_not_see_the_stream_neither_sees_nor_touches_its_replays(running: Replays) -> None:
    replay = await running.run(source="log")
    bound = running.auth.headers(streams=["pumps"])
    listed = await running.http.get("/api/v1/replays", headers=bound)
    assert listed.json() == {"items": [], "next_cursor": None}
    own = await running.http.get("/api/v1/replays", headers=running.auth.headers(streams=["sensors"]))
    assert replay["id"] in {each["id"] for each in own.json()["items"]}
    address = f"/api/v1/replays/{replay['id']}"
    for method, path, body in [
        ("GET", address, None),
        ("GET", f"{address}/anomalies", None),
        ("POST", f"{address}/cancel", None),
        ("POST", f"{address}/publish", {"configuration": "a"}),
        ("DELETE", address, None),
        ("POST", "/api/v1/replays", {"stream": "sensors"}),
    ]:
        answer = await running.http.request(method, path, json=body, headers=bound)
        assert (answer.status_code, path) == (404, path), answer.text
    assert (await running.http.get(address)).json() == replay
