"""Requests go to the service that owns them as they came, with the caller's rights and no others."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from ad_chassis.hosting import hosted
from ad_chassis.settings import HttpSettings, ServiceUrls
from ad_chassis.testing.auth import SERVICE_KEY, FakeAuth
from ad_chassis.testing.platform import NOBODY, embedded_settings
from ad_gateway.domain.policies import SMALL_BYTES
from ad_gateway.main import build
from ad_gateway.settings import GatewaySettings
from ad_model_registry.settings import RegistrySettings
from tests.unit.ad_gateway.conftest import Gateway, running

PROBLEM = "application/problem+json"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_method_path_query_and_body_arrive_as_they_were_sent(gateway: Gateway, method: str) -> None:
    body = None if method in {"GET", "DELETE"} else b'{"a": 1}'
    answer = await gateway.http.request(
        method, "/api/v1/streams/a%2Fb/records?x=1&x=2&y=%26", content=body, headers={"If-Match": '"3"'}
    )
    seen = answer.json()
    assert seen["method"] == method
    assert seen["path"] == "/api/v1/streams/a%2Fb/records"
    assert seen["query"] == "x=1&x=2&y=%26"
    assert seen["body"] == (body or b"").decode()
    assert seen["headers"]["if-match"] == '"3"'


async def test_the_callers_token_goes_along(gateway: Gateway) -> None:
    headers = gateway.auth.headers()
    assert (await gateway.http.get("/api/v1/models", headers=headers)).json()["headers"][
        "authorization"
    ] == headers["Authorization"]


async def test_without_a_token_none_is_added(gateway: Gateway) -> None:
    assert "authorization" not in (await gateway.http.get("/api/v1/models")).json()["headers"]


async def test_an_api_key_is_exchanged_at_the_edge_and_goes_no_further(gateway: Gateway) -> None:
    answer = await gateway.http.get("/api/v1/models", headers={"Authorization": f"Bearer {SERVICE_KEY}"})
    passed = answer.json()["headers"]["authorization"].removeprefix("Bearer ")
    assert passed.count(".") == 2, "an access token, not the key"


async def test_a_wrong_api_key_is_refused_at_the_edge(gateway: Gateway) -> None:
    answer = await gateway.http.get("/api/v1/models", headers={"Authorization": "Bearer ad_tests_wrong"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == PROBLEM


@pytest.mark.parametrize("name", ["X-Tenant", "Connection"])
async def test_headers_that_mean_something_between_services_do_not_pass(gateway: Gateway, name: str) -> None:
    answer = await gateway.http.get("/api/v1/models", headers={name: "close"})
    assert answer.json()["headers"].get(name.lower()) != "close"


async def test_status_headers_and_body_of_the_answer_come_back(gateway: Gateway) -> None:
    answer = await gateway.http.get("/api/v1/streams/a/export")
    assert (answer.status_code, answer.text) == (206, "one,two")
    assert answer.headers["x-part"] == "1"
    assert answer.headers["content-type"].startswith("text/csv")


async def test_a_header_that_is_no_ascii_is_refused_by_name(gateway: Gateway) -> None:
    answer = await gateway.http.get("/api/v1/models", headers={"If-Match": b"\xb2"})
    assert (answer.status_code, "if-match" in answer.text) == (400, True)


async def test_one_request_id_goes_through_and_comes_back(gateway: Gateway) -> None:
    answer = await gateway.http.get("/api/v1/models", headers={"X-Request-ID": "abc-123"})
    assert answer.json()["headers"]["x-request-id"] == "abc-123"
    assert answer.headers["x-request-id"] == "abc-123"
    assert len(answer.headers.get_list("x-request-id")) == 1


async def test_a_path_that_nobody_owns_is_a_problem(gateway: Gateway) -> None:
    answer = await gateway.http.get("/api/v1/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert "/api/v1/docs" in answer.json()["detail"]


async def test_health_names_every_service_behind(gateway: Gateway) -> None:
    answer = await gateway.http.get("/api/v1/health")
    assert answer.status_code == 200
    services = {"auth", "ingestion", "training", "model_registry", "detection"}
    assert services | {"database", "redis", "models", "kafka"} <= set(answer.json()["checks"])


async def test_a_gateway_takes_requests_while_a_service_behind_it_is_ill(tmp_path: Path) -> None:
    nobody = ServiceUrls(
        auth=NOBODY, ingestion=NOBODY, training=NOBODY, model_registry=NOBODY, detection=NOBODY
    )
    async with (
        hosted([build], embedded_settings(tmp_path, services=nobody), edge="gateway") as host,
        httpx2.AsyncClient(base_url=host.url) as http,
    ):
        health = await http.get("/health")
        assert health.status_code == 503
        assert health.json()["checks"]["database"]["status"] == "unhealthy"
        assert health.json()["checks"]["kafka"]["status"] == "healthy"
        assert (await http.get("/health/ready")).status_code == 200


async def test_the_documentation_loads_nothing_from_elsewhere(gateway: Gateway) -> None:
    page = await gateway.http.get("/docs", follow_redirects=True)
    assert page.status_code == 200
    assert "://" not in page.text
    for path in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"):
        assert (await gateway.http.get(f"/web/vendor/swagger-ui/{path}")).status_code == 200
    assert (await gateway.http.get("/api/v1/openapi.json")).json()["openapi"].startswith("3.1")


async def test_the_service_learns_from_where_the_request_came_and_nothing_that_was_forged(
    gateway: Gateway,
) -> None:
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    seen = (await gateway.http.get("/api/v1/models", headers=forged)).json()["headers"]
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert "203.0.113.9" not in seen.values()


async def test_a_key_makes_one_thing_however_often_it_is_sent(tmp_path: Path) -> None:
    made: list[Any] = []
    detection = FastAPI()

    @detection.post("/api/v1/replays", status_code=202)
    async def start_replay(body: dict[str, Any], response: Response) -> dict[str, int]:
        made.append(body)
        response.headers["Location"] = f"/api/v1/replays/{len(made)}"
        return {"id": len(made)}

    async with running(tmp_path, {"detection": detection}) as gateway:

        async def post(key: str, body: Any, **who: Any) -> httpx2.Response:
            headers = gateway.auth.headers(**who) | {"Idempotency-Key": key}
            return await gateway.http.post("/api/v1/replays", json=body, headers=headers)

        first, again = await post("k", {"a": 1}), await post('"k"', {"a": 1})
        assert (first.status_code, first.json()) == (again.status_code, again.json()) == (202, {"id": 1})
        assert again.headers["location"] == "/api/v1/replays/1"
        assert again.headers["idempotency-replayed"] == "true"
        assert "idempotency-replayed" not in first.headers
        assert (await post("k", {"a": 2})).status_code == 422
        assert (await post("k", {"a": 1}, tenant="other")).json() == {"id": 2}
        assert (await post("x" * 300, {"a": 1})).status_code == 400
    assert made == [{"a": 1}, {"a": 1}]


async def test_the_key_of_records_is_left_to_the_service_that_keeps_it_for_good(gateway: Gateway) -> None:
    headers = gateway.auth.headers() | {"Idempotency-Key": "k"}
    for body in ("[]", "[1]"):
        answer = await gateway.http.post("/api/v1/streams/a/records", content=body, headers=headers)
        assert answer.json()["body"] == body
        assert answer.json()["headers"]["idempotency-key"] == "k"


async def test_an_answer_that_does_not_come_is_a_504_and_the_request_ends_with_it(tmp_path: Path) -> None:
    ended = asyncio.Event()
    detection = FastAPI()

    @detection.get("/api/v1/anomalies")
    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with running(tmp_path, {"detection": detection}, forward_seconds=1.0) as gateway:
        answer = await gateway.http.get("/api/v1/anomalies")
        assert answer.status_code == 504
        assert "detection did not answer within 1 s" in answer.json()["detail"]
        async with asyncio.timeout(5):
            await ended.wait()
        assert (await gateway.http.get("/api/v1/models")).status_code == 200


async def test_a_body_may_be_as_large_as_its_service_takes_it(tmp_path: Path) -> None:
    http = HttpSettings(host="127.0.0.1", port=0, max_body_bytes=10)
    sizes = {"/api/v1/detect": 10, "/api/v1/models/m/versions": 20, "/api/v1/models/m/promote": SMALL_BYTES}
    async with running(tmp_path, blocks={"http": http}, max_artifact_bytes=20) as gateway:
        for path, size in sizes.items():
            taken, refused = [await gateway.http.post(path, content=bytes(each)) for each in (size, size + 1)]
            assert (taken.status_code, len(taken.json()["body"])) == (200, size)
            assert refused.status_code == 413
            assert f"larger than the {size} bytes" in refused.json()["detail"]


async def test_an_artifact_is_passed_on_as_it_comes(tmp_path: Path) -> None:
    arrived, registry = asyncio.Event(), FastAPI()

    @registry.post("/api/v1/models/m/versions")
    async def take(request: Request) -> int:
        size = 0
        async for piece in request.stream():
            size += len(piece)
            arrived.set()
        return size

    async def artifact() -> AsyncIterator[bytes]:
        yield b"first,"
        await arrived.wait()
        yield b"last"

    async with running(tmp_path, {"model_registry": registry}) as gateway, asyncio.timeout(10):
        answer = await gateway.http.post("/api/v1/models/m/versions", content=artifact())
        assert answer.json() == 10


def test_the_gateway_and_the_registry_agree_on_the_largest_artifact() -> None:
    own, theirs = (each.model_fields["max_artifact_bytes"] for each in (GatewaySettings, RegistrySettings))
    assert (own.default, own.validation_alias) == (theirs.default, theirs.validation_alias)


def stopping(ended: asyncio.Event) -> FastAPI:
    """Sends the beginning of its answer, if any, and then nothing."""
    app = FastAPI()

    async def half(begun: str) -> AsyncIterator[bytes]:
        try:
            if begun:
                yield begun.encode()
            await asyncio.Event().wait()
        finally:
            ended.set()

    @app.api_route("/api/v1/{_path:path}", methods=["GET", "POST"])
    async def answer(request: Request) -> StreamingResponse:
        length = request.query_params.get("length")
        content = half(request.query_params.get("begun", ""))
        return StreamingResponse(content, headers={"content-length": length} if length else None)

    return app


@pytest.mark.parametrize("query", ["begun=a", "begun=a&length=100000"], ids=["chunked", "with a length"])
async def test_an_answer_that_stops_midway_is_cut_off_and_gives_its_turn_back(
    tmp_path: Path, query: str
) -> None:
    ended = asyncio.Event()
    async with running(
        tmp_path, {"detection": stopping(ended)}, forward_seconds=1.0, tenant_at_once=1
    ) as gateway:
        for _ in range(2):
            with pytest.raises(httpx2.RemoteProtocolError):
                await gateway.http.get(f"/api/v1/anomalies?{query}", headers={"Accept-Encoding": "identity"})
            async with asyncio.timeout(5):
                await ended.wait()
            ended.clear()


async def test_an_answer_that_stops_before_anything_of_it_was_sent_is_a_504(tmp_path: Path) -> None:
    async with running(tmp_path, {"detection": stopping(asyncio.Event())}, forward_seconds=1.0) as gateway:
        headers = gateway.auth.headers() | {"Idempotency-Key": "k"}
        for answer in (
            await gateway.http.get("/api/v1/anomalies"),
            await gateway.http.get("/api/v1/anomalies?begun=a&length=100"),
            await gateway.http.post("/api/v1/replays", json={}, headers=headers),
        ):
            assert (answer.status_code, answer.headers["content-type"]) == (504, PROBLEM)
            assert "detection sent nothing for 1 s in the middle of its answer" in answer.json()["detail"]


async def test_a_service_that_is_away_is_left_alone_for_a_moment(tmp_path: Path) -> None:
    nobody = ServiceUrls(
        auth=NOBODY, ingestion=NOBODY, training=NOBODY, model_registry=NOBODY, detection=NOBODY
    )
    async with (
        hosted([build], embedded_settings(tmp_path, services=nobody), edge="gateway") as host,
        httpx2.AsyncClient(base_url=host.url) as http,
    ):
        for _ in range(5):
            tried = await http.get("/api/v1/models")
            assert (tried.status_code, "cannot be reached" in tried.text) == (503, True)
        refused = await http.get("/api/v1/models")
        assert (refused.status_code, "left alone" in refused.text) == (503, True)
        assert 1 <= int(refused.headers["retry-after"]) <= 5
        assert "cannot be reached" in (await http.get("/api/v1/anomalies")).text, "each has its own"


async def test_the_key_of_an_answer_with_a_secret_makes_nothing_twice_and_shows_it_once(
    tmp_path: Path,
) -> None:
    auth, made = FakeAuth(), list[str]()
    app = auth.app()

    @app.post("/api/v1/api-keys", status_code=201)
    async def add() -> str:
        made.append("ad_7_onlyonce")
        return made[-1]

    async with running(tmp_path, {"auth": app}) as gateway:
        headers = auth.headers() | {"Idempotency-Key": "k"}
        first = await gateway.http.post("/api/v1/api-keys", json={}, headers=headers)
        again = await gateway.http.post("/api/v1/api-keys", json={}, headers=headers)
    assert (first.status_code, again.status_code, len(made)) == (201, 409, 1)
    assert "onlyonce" not in again.text


async def test_a_tenant_that_fills_its_turns_does_not_hinder_another(tmp_path: Path) -> None:
    held, detection = asyncio.Event(), FastAPI()
    inside: list[str] = []

    @detection.get("/api/v1/anomalies")
    async def hold(who: str) -> str:
        inside.append(who)
        if who == "flood":
            await held.wait()
        return who

    async with running(tmp_path, {"detection": detection}, tenant_at_once=2) as gateway:

        async def ask(who: str) -> str:
            answer = await gateway.http.get(
                "/api/v1/anomalies", params={"who": who}, headers=gateway.auth.headers(tenant=who)
            )
            return str(answer.json())

        flood = [asyncio.create_task(ask("flood")) for _ in range(10)]
        async with asyncio.timeout(10):
            while len(inside) < 2:
                await asyncio.sleep(0)
            assert await ask("other") == "other"
            assert inside.count("flood") == 2
            held.set()
            assert await asyncio.gather(*flood) == ["flood"] * 10


async def test_who_has_an_answer_already_is_told_so_without_it(tmp_path: Path) -> None:
    found = ["a"]
    registry = FastAPI()

    @registry.get("/api/v1/models")
    async def list_models() -> list[str]:
        return found

    async with running(tmp_path, {"model_registry": registry}) as gateway:
        first = await gateway.http.get("/api/v1/models")
        condition = {"If-None-Match": first.headers["etag"]}
        again = await gateway.http.get("/api/v1/models", headers=condition)
        assert (again.status_code, again.content, "content-length" in again.headers) == (304, b"", False)
        assert again.headers["etag"] == first.headers["etag"]
        found.append("b")
        changed = await gateway.http.get("/api/v1/models", headers=condition)
    assert (changed.status_code, changed.json()) == (200, ["a", "b"])


@pytest.mark.parametrize("path", ["/api/v1/streams/a/records", "/api/v1/streams/a/export", "/api/v1/auth/me"])
async def test_heavy_answers_parts_and_secrets_have_no_validator(gateway: Gateway, path: str) -> None:
    assert "etag" not in (await gateway.http.get(path)).headers
