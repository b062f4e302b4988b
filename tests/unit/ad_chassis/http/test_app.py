"""What the factory gives every service: operations, request ids, metrics, documentation."""

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ad_chassis.health import Health
from ad_chassis.http import Body, create_app
from ad_chassis.http.context import countable_address, current_address
from ad_chassis.metrics import Metrics
from ad_chassis.security import require
from ad_chassis.settings import TelemetrySettings
from ad_chassis.telemetry import Telemetry
from ad_chassis.testing import FakeAuth

TRACE = "0af7651916cd43dd8448eb211c80319c"


class Thing(Body):
    size: int


def application(
    health: Health, telemetry: Telemetry | None = None, metrics: Metrics | None = None
) -> FastAPI:
    app = create_app(
        "shop",
        "9.9",
        metrics=metrics or Metrics("shop"),
        health=health,
        verifier=FakeAuth().verifier(),
        telemetry=telemetry,
    )
    router = APIRouter(prefix="/things")

    @router.get("/{name}")
    async def get_thing(name: str) -> str:
        return name

    @router.post("", dependencies=[require("write")])
    async def create_thing(thing: Thing) -> Thing:
        return thing

    app.include_router(router, prefix="/api/v1")
    return app


def client_of(app: FastAPI) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://shop")


async def broken() -> None:
    raise ConnectionError


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
async def test_health_is_answered_with_and_without_the_prefix(prefix: str) -> None:
    health = Health("9.9")
    health.started()
    async with client_of(application(health)) as client:
        for path in ("/health", "/health/live", "/health/ready"):
            assert (await client.get(prefix + path)).status_code == 200
        health.add("database", broken)
        response = await client.get(f"{prefix}/health")
        assert response.status_code == 503
        assert response.json()["checks"]["database"]["status"] == "unhealthy"
        assert (await client.get(f"{prefix}/health/ready")).status_code == 503
        assert (await client.get(f"{prefix}/health/live")).status_code == 200


async def test_requests_are_counted_by_the_template_of_their_route() -> None:
    metrics = Metrics("shop")
    async with client_of(application(Health("1"), metrics=metrics)) as client:
        for name in ("a", "b", "c"):
            await client.get(f"/api/v1/things/{name}")
        await client.get("/wp-admin.php")
        await client.get("/other-nonsense")
        text = (await client.get("/metrics")).text
    assert 'requests_total{endpoint="/api/v1/things/{name}",method="GET",status="200"} 3.0' in text
    assert 'requests_total{endpoint="unmatched",method="GET",status="404"} 2.0' in text
    assert "wp-admin" not in text


async def test_a_request_id_is_taken_over_when_it_is_harmless_and_made_otherwise() -> None:
    async with client_of(application(Health("1"))) as client:
        kept = await client.get("/api/v1/things/a", headers={"X-Request-ID": "abc-1.2_3"})
        forged = await client.get("/api/v1/things/a", headers={"X-Request-ID": 'x" level="error'})
        made = await client.get("/api/v1/things/a")
    assert kept.headers["x-request-id"] == "abc-1.2_3"
    assert len(forged.headers["x-request-id"]) == 32
    assert made.headers["x-request-id"] != forged.headers["x-request-id"]


async def test_a_request_has_one_server_span_that_continues_the_trace_of_its_caller() -> None:
    exporter = InMemorySpanExporter()
    telemetry = Telemetry("shop", "1", TelemetrySettings(otlp_endpoint=None), exporter)
    async with client_of(application(Health("1"), telemetry)) as client:
        await client.get("/api/v1/things/a", headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})
    telemetry.flush()
    telemetry.stop()
    [span] = exporter.get_finished_spans()
    assert f"{span.context.trace_id:032x}" == TRACE
    assert span.attributes["http.route"] == "/api/v1/things/{name}"


def test_the_document_names_operations_by_their_functions_and_describes_problems() -> None:
    document = application(Health("1")).openapi()
    assert document["openapi"].startswith("3.1")
    post = document["paths"]["/api/v1/things"]["post"]
    assert post["operationId"] == "create_thing"
    assert {"400", "401", "403", "413", "415", "422", "default"} <= set(post["responses"])
    for status in ("401", "422", "default"):
        content = post["responses"][status]["content"]
        assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert "HTTPValidationError" not in document["components"]["schemas"]
    assert "ProblemField" in document["components"]["schemas"]


def test_no_two_operations_share_an_id() -> None:
    document = application(Health("1")).openapi()
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(ids) == len(set(ids))


async def test_metrics_can_be_switched_off() -> None:
    app = create_app("x", "1", metrics=Metrics("x"), health=Health("1"), expose_metrics=False)
    async with client_of(app) as client:
        assert (await client.get("/metrics")).status_code == 404
        assert (await client.get("/health/live")).status_code == 200


@pytest.mark.parametrize(
    ("forwarded", "address", "counted"),
    [
        (None, "192.0.2.7", "192.0.2.7"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("203.0.113.9, 192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("203.0.113.9", "192.0.2.7", None),
        ("nonsense", "192.0.2.7", None),
    ],
)
async def test_the_address_of_a_proxy_that_is_not_believed_is_told_and_not_counted(
    forwarded: str | None, address: str, counted: str | None
) -> None:
    app = create_app("x", "1", metrics=Metrics("x"), health=Health("1"))

    @app.get("/where")
    async def where() -> list[str | None]:
        return [current_address(), countable_address()]

    transport = httpx2.ASGITransport(app, client=("192.0.2.7", 1))
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    async with httpx2.AsyncClient(transport=transport, base_url="http://x") as client:
        assert (await client.get("/where", headers=headers)).json() == [address, counted]
    assert current_address() is countable_address() is None
