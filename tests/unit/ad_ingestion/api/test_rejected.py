"""Dead letters over HTTP."""

import asyncio

import pytest

SCHEMA = {
    "fields": [{"name": "sensor", "type": "string"}, {"name": "load"}],
    "entity": "sensor",
    "on_extra": "reject",
}
ROWS = [
    {"sensor": "a", "load": 1, "more": 1},
    {"sensor": "b", "load": "x1"},
    {"sensor": "b", "load": "x22"},
    {"sensor": "c", "load": 4},
]


async def until(http, path: str, count: int) -> list:
    async with asyncio.timeout(10):
        while len(items := (await http.get(path)).json()["items"]) < count:
            await asyncio.sleep(0.02)
    return items


@pytest.fixture
async def kept(http) -> list[dict]:
    """Three dead letters, in the order of their body."""
    await http.post("/streams", json={"name": "sensors", "schema": SCHEMA})
    assert (await http.post("/streams/sensors/records", json=ROWS)).json()["rejected"] == 3
    return (await until(http, "/rejected", 3))[::-1]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("stream=sensors", [0, 1, 2]),
        ("stream=other", []),
        ("reason=A%20NUMBER", [1, 2]),
        ("reason=%25", []),
        ("field=more", [0]),
        ("source=detection", []),
        ("state=open", [0, 1, 2]),
        ("state=replayed", []),
        ("from=2020-01-01&to=2021-01-01", []),
        ("from=2020-01-01T00:00:00Z", [0, 1, 2]),
        ("limit=2", [1, 2]),
    ],
)
async def test_the_list_is_narrowed_by_what_is_named(http, kept, query, found) -> None:
    items = (await http.get(f"/rejected?{query}")).json()["items"]
    assert [item["id"] for item in items] == [kept[place]["id"] for place in found][::-1]


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("GET", "/rejected?streem=x", None, "streem"),
        ("GET", "/rejected?state=gone", None, "state"),
        ("GET", "/rejected?from=yesterday", None, "from"),
        ("DELETE", "/rejected?streem=x", None, "streem"),
        ("DELETE", "/rejected", None, "everything"),
        ("POST", "/rejected/replay", {"limit": 0}, "limit"),
        ("POST", "/rejected/replay", {"state": "replayed"}, "force"),
        ("POST", "/rejected/x/replay", {"raw": "?", "raw_encoding": "base64"}, "base64"),
    ],
)
async def test_a_wrong_request_is_a_problem_that_names_what_is_wrong(
    http, kept, method, path, body, words
) -> None:
    answer = await http.request(method, path, json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.text
    assert len((await http.get("/rejected")).json()["items"]) == 3


async def test_one_is_shown_with_all_that_is_known_of_it(http, kept) -> None:
    shown = (await http.get(f"/rejected/{kept[0]['id']}")).json()
    assert shown == kept[0]
    assert (shown["state"], shown["replayed_at"], shown["replay_of"], shown["headers"]) == (
        "open",
        None,
        None,
        [],
    )
    missing = await http.get("/rejected/no/such")
    assert (missing.status_code, "GET /api/v1/rejected" in missing.text) == (404, True)


async def test_the_summary_counts_reasons_of_one_kind(http, kept) -> None:
    first, second = (await http.get("/rejected/summary?stream=sensors")).json()["items"]
    assert (first["count"], first["open"], first["field"], first["example"]) == (2, 2, "load", kept[2]["id"])
    assert first["reason"] == "field 'load': … stands where a number belongs"
    assert (second["count"], second["field"]) == (1, "more")
    assert first["first"] <= first["last"]
    assert len((await http.get("/rejected/summary?limit=1")).json()["items"]) == 1


async def test_after_the_rules_of_the_stream_changed_a_replay_is_accepted_once(http, kept) -> None:
    body = {"stream": "sensors", "dry_run": True}
    before = (await http.post("/rejected/replay", json=body)).json()
    assert (before["replayed"], before["failed"], before["failures"][0]["field"]) == (0, 3, "more")
    await http.patch("/streams/sensors", json={"on_extra": "ignore"})
    assert (await http.post("/rejected/replay", json=body)).json()["replayed"] == 1
    done = (await http.post("/rejected/replay", json={"stream": "sensors"})).json()
    assert (done["replayed"], done["failed"], done["remaining"], done["next_cursor"]) == (1, 2, 0, None)
    records = (await http.get("/streams/sensors/records")).json()["items"]
    assert [record["sensor"] for record in records] == ["c", "a"]
    shown = (await http.get(f"/rejected/{kept[0]['id']}")).json()
    assert (shown["state"], shown["replayed_at"] is None) == ("replayed", False)
    again = await http.post(f"/rejected/{kept[0]['id']}/replay", json={})
    assert (again.status_code, "`force`" in again.text) == (409, True)


async def test_a_corrected_record_is_accepted(http, kept) -> None:
    path = f"/rejected/{kept[1]['id']}/replay"
    refused = await http.post(path, json={})
    assert (refused.status_code, "a number belongs" in refused.text) == (422, True)
    tried = (await http.post(path, json={"dry_run": True})).json()
    assert (tried["passes"], tried["field"], tried["dry_run"]) == (False, "load", True)
    fixed = {"raw": "eyJzZW5zb3IiOiAiYiIsICJsb2FkIjogMX0=", "raw_encoding": "base64"}
    assert (await http.post(path, json=fixed)).json()["passes"]
    records = (await http.get("/streams/sensors/records")).json()["items"]
    assert [(record["sensor"], record["load"]) for record in records] == [("c", 4.0), ("b", 1.0)]


async def test_purging_says_how_many_and_one_can_go_alone(http, kept) -> None:
    assert (await http.delete("/rejected?field=load&dry_run=true")).json() == {"purged": 2, "dry_run": True}
    assert (await http.delete("/rejected?field=load")).json() == {"purged": 2, "dry_run": False}
    assert (await http.delete(f"/rejected/{kept[0]['id']}")).status_code == 204
    assert (await http.delete(f"/rejected/{kept[0]['id']}")).status_code == 404
    assert (await http.get("/rejected")).json()["items"] == []


async def test_who_may_only_read_neither_replays_nor_purges(served, http, kept) -> None:
    async with served.client(permissions=["read"]) as reader:
        assert (await reader.get("/rejected/summary")).status_code == 200
        calls = [
            ("DELETE", "/rejected?stream=sensors"),
            ("DELETE", f"/rejected/{kept[0]['id']}"),
            ("POST", "/rejected/replay"),
            ("POST", f"/rejected/{kept[0]['id']}/replay"),
        ]
        assert {(await reader.request(*call, json={})).status_code for call in calls} == {403}
    async with served.client(permissions=["write"]) as writer:
        assert (await writer.get("/rejected/summary")).status_code == 403


async def test_tenants_see_replay_and_purge_their_own_only(served, http, kept) -> None:
    async with served.client(tenant="acme") as acme:
        assert (await acme.get("/rejected")).json()["items"] == []
        assert (await acme.get("/rejected/summary")).json()["items"] == []
        assert (await acme.get(f"/rejected/{kept[0]['id']}")).status_code == 404
        assert (await acme.post(f"/rejected/{kept[0]['id']}/replay", json={"force": True})).status_code == 404
        done = (await acme.post("/rejected/replay", json={"force": True})).json()
        assert (done["replayed"], done["failed"]) == (0, 0)
        assert (await acme.delete("/rejected?everything=true")).json()["purged"] == 0
    assert len((await http.get("/rejected")).json()["items"]) == 3


async def test_dead_letters_of_other_streams_are_not_there_for_who_is_bound(served, http, kept) -> None:
    await http.post("/streams", json={"name": "pumps", "schema": SCHEMA})
    await http.post("/streams/pumps/records", json=[{"sensor": "p", "load": "broken"}])
    await until(http, "/rejected", 4)
    async with served.client(streams=["pumps"]) as bound:
        [own] = (await bound.get("/rejected")).json()["items"]
        assert own["stream"] == "pumps"
        assert (await bound.get("/rejected?stream=sensors")).json()["items"] == []
        groups = (await bound.get("/rejected/summary")).json()["items"]
        assert [each["stream"] for each in groups] == ["pumps"]
        other = f"/rejected/{kept[0]['id']}"
        for method, path, body in (
            ("GET", other, None),
            ("POST", f"{other}/replay", {}),
            ("DELETE", other, None),
            ("POST", f"/rejected/{own['id']}/replay", {"stream": "sensors"}),
        ):
            assert (await bound.request(method, path, json=body)).status_code == 404, path
        some = {"dry_run": True, "force": True}
        replayed = (await bound.post("/rejected/replay", json=some)).json()
        assert (replayed["replayed"] + replayed["failed"], replayed["remaining"]) == (1, 0)
        assert (await bound.delete("/rejected")).status_code == 422
        assert (await bound.delete("/rejected?everything=true")).json()["purged"] == 1
    assert len((await http.get("/rejected")).json()["items"]) == 3
