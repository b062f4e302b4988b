"""Streams over HTTP."""

import json

import pytest

from ad_chassis.tenants import Quotas
from ad_contracts.events import StreamChanged
from tests.support.registry import published

FIELDS = [{"name": "load"}, {"name": "heat"}]


async def make(http, name="sensors", **more):
    return await http.post("/streams", json={"name": name, "schema": {"fields": FIELDS}, **more})


async def test_a_stream_is_created_read_changed_and_deleted_and_every_step_is_told(served, http) -> None:
    told = []

    async def note() -> None:
        event = (await published(served.platform, "streams"))[-1]
        assert isinstance(event, StreamChanged)
        told.append((event.revision, event.deleted, event.settings_json))

    created = await make(http, settings={"publish_scores": True})
    await note()
    assert (created.status_code, created.headers["Location"]) == (201, "/api/v1/streams/sensors")
    body = (await http.get("/streams/sensors")).json()
    assert body == created.json()
    assert body["schema"]["fields"][0] == {"name": "load", "type": "float", "required": True}
    assert (body["topic"], body["counts"]) == ("records.default", {"accepted": 0, "rejected": 0})
    change = {"settings": {"alert_probability": 0.01}, "on_missing": "reject"}
    changed = (await http.patch("/streams/sensors", json=change)).json()
    await note()
    assert changed["settings"] == {
        "publish_scores": True,
        "algorithm": "adaptive",
        "parameters": {},
        "alert_probability": 0.01,
        "max_entities": 1_000_000,
        "allowed_lateness_seconds": None,
        "silence_seconds": None,
    }
    assert changed["schema"]["on_missing"] == "reject"
    assert (await http.delete("/streams/sensors")).status_code == 204
    await note()
    assert (await http.get("/streams/sensors")).status_code == 404
    assert [step[:2] for step in told] == [(1, False), (2, False), (3, True)]
    assert json.loads(told[0][2]) == {
        "publish_scores": True,
        "algorithm": "adaptive",
        "parameters": {},
        "alert_probability": None,
        "max_entities": 1_000_000,
        "allowed_lateness_seconds": None,
        "silence_seconds": None,
    }


async def test_streams_are_listed_by_name_page_by_page(http) -> None:
    for name in ("b", "a", "c"):
        await make(http, name)
    first = (await http.get("/streams?limit=2")).json()
    assert [item["name"] for item in first["items"]] == ["a", "b"]
    last = (await http.get(f"/streams?limit=2&cursor={first['next_cursor']}")).json()
    assert ([item["name"] for item in last["items"]], last["next_cursor"]) == (["c"], None)


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({"name": "Bad Name"}, 422, "name"),
        ({"name": "a", "colour": "red"}, 422, "colour: this field is not known"),
        ({"name": "a", "schema": {"fields": []}}, 422, "schema.fields"),
        ({"name": "a", "schema": {"fields": [{"name": "x", "type": "decimal"}]}}, 422, "'float', 'integer'"),
        ({"name": "a", "schema": {"fields": FIELDS, "entity": "who"}}, 422, "choose from: load, heat"),
        ({"name": "a", "schema": {"fields": [{"name": "x", "type": "string"}]}}, 422, "is a number"),
        (
            {"name": "a", "schema": {"fields": FIELDS}, "entity": "load"},
            422,
            "entity: belongs into the schema",
        ),
        ({"name": "a", "settings": {"alert_probability": 2}}, 422, "alert_probability"),
        ({"name": "a", "settings": {"max_entities": 0}}, 422, "max_entities"),
        ({"name": "a", "settings": {"allowed_lateness_seconds": -1}}, 422, "allowed_lateness_seconds"),
        ({"name": "a", "settings": {"silence_seconds": 0.5}}, 422, "silence_seconds"),
        ({"name": "a", "settings": {"algorithm": "knn"}}, 422, "a streaming one is needed"),
        ({"name": "a", "settings": {"parameters": {"size": "huge"}}}, 422, "valid is one of light, rich"),
        (
            {"name": "a", "settings": {"parameters": {"alert_probability": 0.1}, "alert_probability": 0.1}},
            422,
            "leave one of the two out",
        ),
        ({"name": "a", "topic": "nowhere"}, 422, "there is no topic 'nowhere'"),
        ({"name": "a", "topic": "deployments"}, 422, "belongs to the platform"),
        ({"name": "a", "topic": "records.acme"}, 422, "belongs to the platform"),
    ],
)
async def test_a_wrong_description_is_refused_with_what_would_be_right(http, body, status, reason) -> None:
    answer = await http.post("/streams", json=body)
    assert answer.status_code == status
    assert reason in answer.text
    assert (await http.get("/streams")).json()["items"] == []


async def test_malformed_json_and_another_content_type_are_problems(http) -> None:
    json_type = {"Content-Type": "application/json"}
    assert (await http.post("/streams", content=b'{"name": ', headers=json_type)).status_code == 400
    answer = await http.post("/streams", content=b"name=a", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415


async def test_a_name_can_be_had_once(http) -> None:
    await make(http)
    assert (await make(http)).status_code == 409


async def test_the_fields_of_a_schema_are_fixed(http) -> None:
    await make(http)
    answer = await http.patch("/streams/sensors", json={"schema": {"fields": [{"name": "other"}]}})
    assert answer.status_code == 409
    assert "schema.fields" in answer.json()["detail"]


async def test_streams_of_a_tenant_are_nobody_elses(served, http) -> None:
    await make(http)
    async with served.client(tenant="acme") as acme:
        assert (await acme.get("/streams")).json()["items"] == []
        assert (await acme.get("/streams/sensors")).status_code == 404
        assert (await acme.delete("/streams/sensors")).status_code == 404
        assert (await make(acme)).json()["topic"] == "records.acme"
    assert len((await http.get("/streams")).json()["items"]) == 1


async def test_readers_change_nothing(served) -> None:
    async with served.client(permissions=["read"]) as reader:
        assert (await make(reader)).status_code == 403
        assert (await reader.delete("/streams/sensors")).status_code == 403
        assert (await reader.patch("/streams/sensors", json={})).status_code == 403


async def test_the_quota_of_entities_gives_a_share_to_who_names_none_and_refuses_the_rest(
    served, http, monkeypatch
) -> None:
    monkeypatch.setattr(served.platform.tenants, "quotas", lambda _tenant: Quotas(entities=60, streams=2))
    schema = {"fields": [{"name": "who", "type": "string"}, *FIELDS], "entity": "who"}
    named = await make(http, schema=schema, settings={"max_entities": 11})
    assert (named.status_code, named.json()["quota"], named.json()["limit"]) == (403, "entities", 60)
    made = await make(http, schema=schema, settings={"publish_scores": True})
    assert (made.status_code, made.json()["settings"]["max_entities"]) == (201, 5)
    larger = await http.patch("/streams/sensors", json={"settings": {"max_entities": 10}})
    assert larger.status_code == 200
    full = await make(http, "more", schema=schema)
    assert (full.status_code, full.json()["use"]) == (403, 60)
    assert "'sensors' holds 60" in full.json()["detail"]
    async with served.client(streams=["more"]) as bound:
        refused = await make(bound, "more", schema=schema)
    assert (refused.status_code, "sensors" in refused.text) == (403, False)
    lowered = await http.patch("/streams/sensors", json={"settings": {"max_entities": 1}})
    assert lowered.status_code == 200
    assert (await make(http, "more", schema=schema)).status_code == 201


async def test_a_big_stream_may_have_a_topic_of_its_own(served, http) -> None:
    answer = await make(http, topic="records.default.sensors")
    assert answer.json()["topic"] == "records.default.sensors"
    assert "records.default.sensors" in await served.platform.event_log.topics()
    await http.post("/streams/sensors/records", json=[{"load": 1, "heat": 2}])
    ends = await served.platform.event_log.end_offsets("records.default.sensors")
    assert sum(ends.values()) == 1


async def test_the_service_is_healthy_and_documents_every_route(served) -> None:
    async with served.client() as http:
        health = await http.get("http://ingestion/health")
        assert health.status_code == 200, health.text
        document = (await http.get("http://ingestion/openapi.json")).json()
    assert {"/api/v1/streams", "/api/v1/streams/{name}", "/api/v1/streams/{name}/records",
            "/api/v1/streams/{name}/rejected", "/api/v1/rejected"} <= set(document["paths"])  # fmt: skip


async def test_who_is_bound_finds_their_own_streams_only_page_by_page(served, http) -> None:
    for name in ("fans", "mills", "pumps", "valves"):
        await make(http, name=name)
    async with served.client(streams=["mills", "valves"]) as bound:
        first = (await bound.get("/streams", params={"limit": 1})).json()
        rest = (await bound.get("/streams", params={"limit": 1, "cursor": first["next_cursor"]})).json()
        assert [each["name"] for each in first["items"] + rest["items"]] == ["mills", "valves"]
        assert rest["next_cursor"] is None
        assert (await bound.get("/streams/mills")).status_code == 200


async def test_another_stream_is_not_there_for_who_is_bound(served, http) -> None:
    await make(http)
    async with served.client(streams=["pumps"]) as bound:
        for method, path, body in (
            ("GET", "/streams/sensors", None),
            ("PATCH", "/streams/sensors", {"on_extra": "reject"}),
            ("DELETE", "/streams/sensors?purge=true", None),
            ("GET", "/streams/sensors/records", None),
            ("POST", "/streams/sensors/records", [{"load": 1, "heat": 2}]),
            ("GET", "/streams/sensors/rejected", None),
        ):
            hidden = await bound.request(method, path, json=body)
            missing = await bound.request(method, path.replace("sensors", "nowhere"), json=body)
            assert (hidden.status_code, missing.status_code, path) == (404, 404, path)
            assert hidden.json()["detail"] == missing.json()["detail"].replace("nowhere", "sensors")
    assert (await http.get("/streams/sensors")).json()["counts"]["accepted"] == 0


async def test_who_is_bound_makes_their_own_streams_only_and_learns_of_no_other(served, http) -> None:
    await make(http)
    async with served.client(streams=["pumps"]) as bound:
        there, free = await make(bound), await make(bound, name="fans")
        assert (there.status_code, free.status_code) == (403, 403)
        assert there.json()["detail"] == free.json()["detail"].replace("fans", "sensors")
        assert (await make(bound, name="pumps")).status_code == 201


async def test_what_is_named_before_the_first_records_is_shown_from_the_start(http) -> None:
    body = {"name": "pumps", "entity": "pump", "timestamp": "at"}
    made = (await http.post("/streams", json=body)).json()
    assert made["generation"] == 1
    assert (made["schema"], made["entity"], made["timestamp"]) == (None, "pump", "at")
    plain = (await http.post("/streams", json={"name": "plain"})).json()
    assert (plain["entity"], plain["timestamp"]) == (None, None)
    row = {"pump": "p", "load": 1.0, "at": "2026-01-01T00:00:00Z"}
    for name, entity in (("pumps", "pump"), ("plain", None)):
        assert (await http.post(f"/streams/{name}/records", json=[row])).status_code == 202
        found = (await http.get(f"/streams/{name}")).json()
        assert (found["entity"], found["timestamp"]) == (entity, "at")
        assert (found["schema"]["entity"], found["schema"]["timestamp"]) == (entity, "at")
