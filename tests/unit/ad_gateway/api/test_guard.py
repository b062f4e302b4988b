"""What every answer of the gateway says, and what is refused before anything else is done."""

import gzip
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from tests.unit.ad_gateway.conftest import Gateway, running

PATHS = ["/", "/health", "/metrics", "/api/v1/models", "/api/v1/nothing", "/api/v1/docs", "/openapi.json"]
ORIGIN = "https://shop.example"


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_says_what_browsers_heed(gateway: Gateway, path: str) -> None:
    headers = (await gateway.http.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers, "this is no https"


@pytest.mark.parametrize(("path", "kept"), [("/api/v1/models", "no-store"), ("/", "no-cache")])
async def test_answers_are_kept_by_nobody_unless_they_say_so(gateway: Gateway, path: str, kept: str) -> None:
    assert (await gateway.http.get(path)).headers["cache-control"] == kept


async def test_every_answer_says_what_is_left_to_its_caller(gateway: Gateway) -> None:
    headers = (await gateway.http.get("/api/v1/models", headers=gateway.auth.headers())).headers
    assert headers["ratelimit-policy"] == (
        '"address";q=10000;w=10, "caller";q=10000;w=10, "tenant";q=20000;w=10'
    )
    assert headers["ratelimit"].startswith(('"address";r=9', '"caller";r=9'))


async def test_a_caller_over_its_limit_is_told_when_to_come_back_and_others_are_not_hindered(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, caller_per_second=0.5) as gateway:
        ann, bob = gateway.auth.headers(subject="ann"), gateway.auth.headers(subject="bob")
        statuses = [(await gateway.http.get("/api/v1/models", headers=ann)).status_code for _ in range(7)]
        assert statuses == [200] * 5 + [429] * 2
        refused = await gateway.http.get("/api/v1/models", headers=ann)
        assert 1 <= int(refused.headers["retry-after"]) <= 20
        assert refused.headers["ratelimit"].startswith('"caller";r=0;t=')
        assert refused.headers["content-type"] == "application/problem+json"
        assert "too many requests of this caller" in refused.json()["detail"]
        assert (await gateway.http.get("/api/v1/models", headers=bob)).status_code == 200


async def test_a_forged_token_of_a_tenant_does_not_use_up_its_limit(tmp_path: Path) -> None:
    async with running(tmp_path, tenant_per_second=0.5) as gateway:
        forged = gateway.auth.token(tenant="shop")[:-4] + "AAAA"
        for _ in range(20):
            await gateway.http.get("/api/v1/models", headers={"Authorization": f"Bearer {forged}"})
        answer = await gateway.http.get("/api/v1/models", headers=gateway.auth.headers(tenant="shop"))
        assert answer.status_code == 200


async def test_an_address_has_a_limit_before_anybody_knows_who_calls(tmp_path: Path) -> None:
    async with running(tmp_path, address_per_second=0.5) as gateway:
        statuses = [(await gateway.http.get("/")).status_code for _ in range(7)]
        assert statuses == [200] * 5 + [429] * 2
        assert (await gateway.http.post("/api/v1/auth/token")).status_code == 429


async def test_answers_are_compressed_for_whom_takes_it(gateway: Gateway) -> None:
    padding = {"X-Padding": "x" * 3000}
    for encoding, expected in (("gzip", "gzip"), ("identity", None), ("gzip;q=0", None)):
        answer = await gateway.http.get("/api/v1/models", headers={"Accept-Encoding": encoding, **padding})
        assert answer.headers.get("content-encoding") == expected
        assert answer.json()["headers"]["x-padding"] == padding["X-Padding"]


async def test_small_answers_and_those_that_hold_secrets_are_not_compressed(tmp_path: Path) -> None:
    auth = FastAPI()

    @auth.get("/api/v1/auth/token")
    @auth.get("/api/v1/users")
    async def answer() -> PlainTextResponse:
        return PlainTextResponse("secret" * 1000)

    async with running(tmp_path, {"auth": auth}) as gateway:
        zipped = {"Accept-Encoding": "gzip"}
        assert (
            "content-encoding" not in (await gateway.http.get("/api/v1/auth/token", headers=zipped)).headers
        )
        assert (await gateway.http.get("/api/v1/users", headers=zipped)).headers["content-encoding"] == "gzip"
        assert "content-encoding" not in (await gateway.http.get("/health/live", headers=zipped)).headers


async def test_what_a_service_compressed_itself_stays_as_it_is(tmp_path: Path) -> None:
    packed = gzip.compress(b"x" * 5000)
    training = FastAPI()

    @training.get("/api/v1/train")
    async def answer() -> PlainTextResponse:
        return PlainTextResponse(packed, headers={"Content-Encoding": "gzip"})

    async with running(tmp_path, {"training": training}) as gateway:
        answer_ = await gateway.http.get("/api/v1/train", headers={"Accept-Encoding": "gzip"})
        assert answer_.content == b"x" * 5000


async def test_a_page_of_an_allowed_origin_may_ask_and_read_what_it_needs(gateway: Gateway) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization,if-match",
    }
    before = await gateway.http.options("/api/v1/models", headers=asked)
    assert (before.status_code, before.headers["access-control-allow-origin"]) == (200, ORIGIN)
    answer = await gateway.http.get("/api/v1/models", headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "RateLimit" in answer.headers["access-control-expose-headers"]
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "https://shop.example.evil.example", "null"])
async def test_a_page_of_another_origin_may_not(gateway: Gateway, origin: str) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    assert (await gateway.http.options("/api/v1/models", headers=asked)).status_code == 400
    answer = await gateway.http.get("/api/v1/models", headers={"Origin": origin})
    assert "access-control-allow-origin" not in answer.headers


async def test_metrics_name_templates_and_no_names(gateway: Gateway) -> None:
    await gateway.http.get("/api/v1/streams/pump-77/records")
    headers = gateway.auth.headers(permissions=["metrics:read"])
    text = (await gateway.http.get("/metrics", headers=headers)).text
    assert 'endpoint="/api/v1/streams/{name}/records"' in text
    assert "pump-77" not in text


async def test_a_failure_that_nobody_expected_says_what_browsers_heed_too(tmp_path: Path) -> None:
    detection = FastAPI()

    class Broken(Exception):
        pass

    async with running(tmp_path, {"detection": detection}) as gateway:
        app = gateway.platform._apps["gateway"]

        @app.get("/broken")
        async def broken() -> None:
            raise Broken("the secret of the inside")

        app.router.routes.insert(0, app.router.routes.pop())
        answer = await gateway.http.get("/broken", headers={"Origin": ORIGIN})
    assert (answer.status_code, "secret" in answer.text) == (500, False)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_refusals_and_circuits_are_told_in_the_metrics(tmp_path: Path) -> None:
    async with running(tmp_path, caller_per_second=0.1) as gateway:
        for _ in range(3):
            await gateway.http.get("/api/v1/models", headers=gateway.auth.headers(subject="ann"))
        headers = gateway.auth.headers(subject="bob", permissions=["metrics:read"])
        text = (await gateway.http.get("/metrics", headers=headers)).text
    assert 'anomaly_detection_limit_refusals_total{limit="caller"} 2.0' in text
    for service in ("auth", "detection", "ingestion", "model_registry", "training"):
        assert f'anomaly_detection_circuit_open{{service="{service}"}} 0.0' in text
        assert f'anomaly_detection_service_capacity{{service="{service}"}}' in text
