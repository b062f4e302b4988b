"""Dead letters that come over the log."""

import asyncio

from ad_chassis.eventlog.port import Message
from ad_contracts.events import RecordRejected
from ad_contracts.headers import cloud_event

TOPIC = "rejected.default"


def of_detection(codec, row: int, stream="sensors") -> Message:
    event = RecordRejected(
        tenant="default", stream=stream, reason="truncated\x00", raw=b"\xff\x00", topic="records.default",
        partition=1, offset=row, row=0, rejected_time_ms=4_000_000_000_000, source="detection",
    )  # fmt: skip
    headers = cloud_event(event.schema, stream, f"records.default/1/{row}/0", 0, "application/avro")
    return Message(TOPIC, codec.encode(event), b"sensors", headers)


async def until(http, path: str, count: int) -> list:
    async with asyncio.timeout(10):
        while len(items := (await http.get(path)).json()["items"]) < count:
            await asyncio.sleep(0.02)
    return items


async def test_rejections_of_detection_are_kept_and_counted_once(served, http) -> None:
    await http.post("/streams", json={"name": "sensors", "schema": {"fields": [{"name": "load"}]}})
    log, codec = served.platform.event_log, served.platform.codec
    for _ in range(2):
        await log.publish([of_detection(codec, row) for row in range(3)])
    await log.publish([of_detection(codec, 9)])
    items = await until(http, "/streams/sensors/rejected", 4)
    assert [item["offset"] for item in items] == [9, 2, 1, 0]
    assert (items[0]["raw"], items[0]["raw_encoding"]) == ("/wA=", "base64")
    assert (await http.get("/streams/sensors")).json()["counts"] == {"accepted": 0, "rejected": 4}
    first = (await http.get("/streams/sensors/rejected?limit=3")).json()
    last = (await http.get(f"/streams/sensors/rejected?limit=3&cursor={first['next_cursor']}")).json()
    assert [item["offset"] for item in [*first["items"], *last["items"]]] == [9, 2, 1, 0]
    assert last["next_cursor"] is None


async def test_garbage_on_the_topic_is_kept_too_and_the_partition_goes_on(served, http) -> None:
    await served.platform.event_log.publish(
        [Message(TOPIC, b"garbage", b"sensors"), of_detection(served.platform.codec, 1, "unknown")]
    )
    items = await until(http, "/rejected", 2)
    assert [item["stream"] for item in items] == ["unknown", None]
    assert "not an Avro event" in items[1]["reason"]
    assert items[1]["raw"] == "garbage"


async def test_another_tenants_dead_letters_are_stored_for_it(served, http) -> None:
    async with served.client(tenant="acme") as acme:
        await acme.post("/streams", json={"name": "sensors", "schema": {"fields": [{"name": "load"}]}})
        await acme.post("/streams/sensors/records", json=[{"load": "x"}])
        assert (await until(acme, "/rejected", 1))[0]["field"] == "load"
    assert (await http.get("/rejected")).json()["items"] == []
