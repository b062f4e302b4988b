"""Records over HTTP, in and out, and what becomes of bad input."""

import asyncio
import gzip
import io
import json

import polars as pl
import pytest

ROWS = [{"sensor": f"s{row % 3}", "load": float(row), "heat": row / 2} for row in range(30)]
SCHEMA = {
    "fields": [{"name": "sensor", "type": "string"}, {"name": "load"}, {"name": "heat"}],
    "entity": "sensor",
}
ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"


def arrow(rows) -> bytes:
    sink = io.BytesIO()
    pl.DataFrame(rows).write_ipc_stream(sink)
    return sink.getvalue()


def parquet(rows) -> bytes:
    sink = io.BytesIO()
    pl.DataFrame(rows).write_parquet(sink)
    return sink.getvalue()


FORMS = {
    "application/json": json.dumps(ROWS).encode(),
    "application/x-ndjson": pl.DataFrame(ROWS).write_ndjson().encode(),
    "text/csv": pl.DataFrame(ROWS).write_csv().encode(),
    PARQUET: parquet(ROWS),
    ARROW: arrow(ROWS),
}


@pytest.fixture
async def sensors(http):
    answer = await http.post("/streams", json={"name": "sensors", "schema": SCHEMA})
    assert answer.status_code == 201, answer.text
    return http


async def send(http, content: bytes, content_type="application/json", name="sensors", **headers):
    return await http.post(
        f"/streams/{name}/records", content=content, headers={"Content-Type": content_type, **headers}
    )


async def count(http, name="sensors") -> dict[str, int]:
    return (await http.get(f"/streams/{name}")).json()["counts"]


@pytest.mark.parametrize("content_type", FORMS)
@pytest.mark.parametrize("given", [True, False])
async def test_every_form_gives_the_same_records_with_a_given_and_an_inferred_schema(
    http, content_type, given
) -> None:
    await http.post(
        "/streams", json={"name": "sensors", **({"schema": SCHEMA} if given else {"entity": "sensor"})}
    )
    answer = await send(http, FORMS[content_type], content_type)
    assert answer.status_code == 202, answer.text
    receipt = answer.json()
    assert (receipt["accepted"], receipt["rejected"], receipt["rejections"]) == (30, 0, [])
    items = (await http.get("/streams/sensors/records?limit=100")).json()["items"]
    assert [{name: item[name] for name in ROWS[0]} for item in items] == ROWS
    assert [item["_id"] for item in items] == [f"{receipt['batch_id']}/{row}" for row in range(30)]
    assert items[0]["_time"].endswith("Z")
    assert await count(http) == {"accepted": 30, "rejected": 0}


async def test_a_compressed_body_is_taken(sensors) -> None:
    content = gzip.compress(FORMS["application/json"])
    answer = await send(sensors, content, **{"Content-Encoding": "gzip"})
    assert answer.json()["accepted"] == 30


@pytest.mark.parametrize(
    ("content", "content_type", "headers", "status", "reason"),
    [
        (b'[{"load": 1', "application/json", {}, 400, "malformed JSON"),
        (b"\xff\xff", "application/json", {}, 400, "malformed JSON"),
        (b"7", "application/json", {}, 400, "an array of objects"),
        (b"PAR1 and no more", PARQUET, {}, 400, "not readable as Parquet"),
        (FORMS[ARROW][:200], ARROW, {}, 400, "not readable as Arrow"),
        (b"<a/>", "application/xml", {}, 415, "send one of application/json"),
        (b"[]", "", {}, 415, "content type"),
        (b"x", "application/json", {"Content-Encoding": "br"}, 415, "send the body plain or as gzip"),
        (b"x", "application/json", {"Content-Encoding": "gzip"}, 400, "not readable as gzip"),
        (
            gzip.compress(b" " * 2**21),
            "application/json",
            {"Content-Encoding": "gzip"},
            413,
            "inflates to more",
        ),
        (b"[" + b'{"load":1},' * 5000 + b'{"load":1}]', "application/json", {}, 413, "at most 5000"),
        (b"[]", "application/json", {}, 422, "no records"),
        (b"", "application/json", {}, 422, "no records"),
        (b"sensor,load,heat\n", "text/csv", {}, 422, "no records"),
    ],
)
async def test_a_body_that_cannot_be_taken_is_a_problem_and_stores_nothing(
    served, sensors, content, content_type, headers, status, reason
) -> None:
    answer = await send(sensors, content, content_type, **headers)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert reason in answer.json()["detail"]
    assert await count(sensors) == {"accepted": 0, "rejected": 0}
    assert await served.platform.objects.list("lake") == []


async def test_one_bad_record_among_a_thousand_costs_itself_only(sensors) -> None:
    rows = [{"sensor": "a", "load": row, "heat": 1} for row in range(1000)]
    rows[500]["load"] = "high"
    receipt = (await send(sensors, json.dumps(rows).encode())).json()
    assert (receipt["accepted"], receipt["rejected"]) == (999, 1)
    [rejection] = receipt["rejections"]
    assert (rejection["row"], rejection["field"]) == (500, "load")
    assert '"high" stands where a number belongs' in rejection["reason"]
    async with asyncio.timeout(10):
        while not (items := (await sensors.get("/streams/sensors/rejected")).json()["items"]):
            await asyncio.sleep(0.02)
    assert items[0]["id"] == f"{receipt['batch_id']}/500"
    assert json.loads(items[0]["raw"]) == rows[500]
    assert items[0]["source"] == "ingestion"
    assert await count(sensors) == {"accepted": 999, "rejected": 1}


@pytest.mark.parametrize(
    ("rules", "record", "accepted", "value"),
    [
        ({}, '{"load": NaN, "heat": 1}', True, None),
        ({}, '{"load": 1e999, "heat": 1}', True, None),
        ({}, '{"load": null, "heat": 1}', True, None),
        ({}, '{"heat": 1}', True, None),
        ({}, '{"load": 1, "heat": 1, "more": 1}', True, 1.0),
        ({}, '{"load": "1x", "heat": 1}', False, None),
        ({"on_missing": "reject"}, '{"load": NaN, "heat": 1}', False, None),
        ({"on_missing": "reject"}, '{"heat": 1}', False, None),
        ({"on_extra": "reject"}, '{"load": 1, "heat": 1, "more": 1}', False, None),
    ],
)
async def test_odd_values_follow_the_rules_of_the_stream(http, rules, record, accepted, value) -> None:
    schema = {"fields": [{"name": "load"}, {"name": "heat"}], **rules}
    await http.post("/streams", json={"name": "odd", "schema": schema})
    receipt = (await send(http, f"[{record}]".encode(), name="odd")).json()
    assert receipt["accepted"] == int(accepted)
    items = (await http.get("/streams/odd/records")).json()["items"]
    assert [item["load"] for item in items] == ([value] if accepted else [])


@pytest.mark.parametrize(
    ("time", "stored"),
    [
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000Z"),
        ("2026-01-02T03:04:05.250+02:00", "2026-01-02T01:04:05.250Z"),
        ("2026-01-02 03:04:05", "2026-01-02T03:04:05.000Z"),
        (1767323045, "2026-01-02T03:04:05.000Z"),
        ("1970-01-05T00:00:00Z", "1970-01-05T00:00:00.000Z"),
        ("soon", None),
    ],
)
async def test_times_are_kept_in_utc(http, time, stored) -> None:
    fields = [{"name": "load"}, {"name": "at", "type": "timestamp"}]
    await http.post("/streams", json={"name": "timed", "schema": {"fields": fields, "timestamp": "at"}})
    await send(http, json.dumps([{"load": 1, "at": time}]).encode(), name="timed")
    items = (await http.get("/streams/timed/records")).json()["items"]
    assert [item["_time"] for item in items] == ([stored] if stored else [])


async def test_a_time_too_far_in_the_past_is_rejected_where_the_stream_says_so(http) -> None:
    fields = [{"name": "load"}, {"name": "at", "type": "timestamp"}]
    schema = {"fields": fields, "timestamp": "at", "max_age_seconds": 60, "max_future_seconds": 60}
    await http.post("/streams", json={"name": "timed", "schema": schema})
    times = ["2001-01-01T00:00:00Z", "2101-01-01T00:00:00Z"]
    body = json.dumps([{"load": 1, "at": time} for time in times]).encode()
    receipt = (await send(http, body, name="timed")).json()
    assert [each["reason"].split(",")[-1] for each in receipt["rejections"]] == [
        " the stream takes at most 60 s"
    ] * 2


async def test_an_unknown_stream_is_404_and_says_where_to_look(http) -> None:
    answer = await send(http, b"[]", name="nowhere")
    assert answer.status_code == 404
    assert "GET /api/v1/streams" in answer.json()["detail"]
    assert (await http.get("/streams/nowhere/records")).status_code == 404


async def test_a_reader_may_not_write_and_nobody_comes_without_a_token(served, sensors) -> None:
    async with served.client(permissions=["read"]) as reader:
        assert (await send(reader, FORMS["application/json"])).status_code == 403
        assert (await reader.get("/streams/sensors/records")).status_code == 200
    async with served.client(lifetime_seconds=-10) as expired:
        assert (await send(expired, FORMS["application/json"])).status_code == 401
    async with served.client(tenant="acme") as stranger:
        assert (await stranger.get("/streams/sensors/records")).status_code == 404


async def test_the_same_idempotency_key_answers_the_same_and_stores_nothing(sensors) -> None:
    key = {"Idempotency-Key": "one"}
    first = await send(sensors, FORMS["application/json"], **key)
    again = await send(sensors, FORMS["application/json"], **key)
    assert first.json() == again.json()
    other = await send(sensors, b'[{"sensor":"a"}]', **key)
    assert (other.status_code, "another body" in other.json()["detail"]) == (409, True)
    assert await count(sensors) == {"accepted": 30, "rejected": 0}


async def test_records_come_back_in_every_form(sensors) -> None:
    await send(sensors, FORMS["application/json"])
    await send(sensors, FORMS[ARROW], ARROW)
    found = {}
    for form in ("json", "csv", "arrow", "parquet"):
        answer = await sensors.get(f"/streams/sensors/records?format={form}&limit=60")
        assert answer.status_code == 200, answer.text
        found[form] = answer.content
    frames = {
        "json": pl.DataFrame(json.loads(found["json"])["items"]),
        "csv": pl.read_csv(found["csv"]),
        "arrow": pl.read_ipc_stream(found["arrow"]),
        "parquet": pl.read_parquet(found["parquet"]),
    }
    for form, frame in frames.items():
        assert frame.columns == ["sensor", "load", "heat", "_id", "_time"], form
        assert frame["load"].to_list() == [row["load"] for row in ROWS] * 2, form
    assert frames["arrow"]["_time"].dtype == pl.Datetime("ms", "UTC")


@pytest.mark.parametrize("form", ["json", "csv", "arrow", "parquet"])
async def test_a_stream_without_records_has_its_columns_and_no_rows(sensors, form) -> None:
    answer = await sensors.get(f"/streams/sensors/records?format={form}")
    assert answer.status_code == 200
    if form == "json":
        assert answer.json() == {"items": []}
    else:
        read = {"csv": pl.read_csv, "arrow": pl.read_ipc_stream, "parquet": pl.read_parquet}[form]
        assert read(answer.content).shape == (0, 5)


async def test_the_newest_records_and_those_of_a_time_can_be_asked_for(http) -> None:
    await http.post("/streams", json={"name": "timed", "timestamp": "at"})
    for hour in range(5):
        rows = [{"load": hour, "at": f"2026-01-01T0{hour}:{minute}0:00Z"} for minute in range(6)]
        await send(http, json.dumps(rows).encode(), name="timed")

    async def loads(query: str) -> list[float]:
        return [item["load"] for item in (await http.get(f"/streams/timed/records?{query}")).json()["items"]]

    assert await loads("latest=true&limit=8") == [3.0] * 2 + [4.0] * 6
    assert await loads("limit=8") == [0.0] * 6 + [1.0] * 2
    assert await loads("from=2026-01-01T01:30:00Z&to=2026-01-01T02:10:00Z") == [1.0] * 3 + [2.0]
    assert await loads("latest=true&limit=2&to=2026-01-01T02:10:00Z") == [1.0, 2.0]
