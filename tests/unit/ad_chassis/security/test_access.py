"""A route is open to those who have its permission, and each refusal is a security event."""

from typing import Annotated, Any

import httpx2
import pytest
import structlog
from fastapi import FastAPI
from starlette.requests import HTTPConnection

from ad_chassis.errors import Forbidden
from ad_chassis.health import Health
from ad_chassis.http import create_app
from ad_chassis.metrics import Metrics
from ad_chassis.security import Principal, require, require_caller
from ad_chassis.security.access import authorise
from ad_chassis.testing import FakeAuth


def application(auth: FakeAuth) -> FastAPI:
    app = create_app("x", "1", metrics=Metrics("x"), health=Health("1"), verifier=auth.verifier())

    @app.get("/who")
    async def who(principal: Annotated[Principal, require("streams:read")]) -> dict[str, str]:
        return {"subject": principal.subject, "tenant": principal.tenant}

    @app.post("/change")
    async def change(principal: Annotated[Principal, require("streams:write")]) -> str:
        return principal.subject

    @app.get("/me")
    async def me(principal: Annotated[Principal, require_caller()]) -> str:
        return principal.subject

    return app


async def call(
    auth: FakeAuth, method: str, path: str, headers: dict[str, str]
) -> tuple[httpx2.Response, list[Any]]:
    transport = httpx2.ASGITransport(application(auth))
    async with httpx2.AsyncClient(transport=transport, base_url="http://x") as client:
        with structlog.testing.capture_logs() as logs:
            response = await client.request(method, path, headers=headers)
    return response, [line for line in logs if line.get("security")]


async def test_who_has_the_permission_passes() -> None:
    auth = FakeAuth()
    response, events = await call(auth, "GET", "/who", auth.headers(permissions={"read"}, subject="ann"))
    assert response.json() == {"subject": "ann", "tenant": "default"}
    assert events == []


@pytest.mark.parametrize("header", [None, "", "Basic dXNlcjpwYXNz", "Bearer", "Bearer ", "Bearer garbage"])
async def test_without_a_good_token_the_answer_is_401_and_logged(header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    response, events = await call(FakeAuth(), "GET", "/who", headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.headers["content-type"] == "application/problem+json"
    assert [event["event"] for event in events] == ["token refused"]


async def test_a_reader_who_calls_a_writers_route_gets_403_and_is_logged() -> None:
    auth = FakeAuth()
    response, events = await call(auth, "POST", "/change", auth.headers(permissions={"read"}, subject="ann"))
    assert response.status_code == 403
    assert response.json()["detail"] == "this needs the permission 'streams:write'; you have read"
    assert events[0]["event"] == "forbidden"
    assert events[0]["subject"] == "ann"


async def test_one_permission_of_a_scope_opens_its_own_routes_only() -> None:
    auth = FakeAuth()
    for permission, status in (("streams:write", 200), ("models:promote", 403), ("streams:read", 403)):
        response, _ = await call(auth, "POST", "/change", auth.headers(permissions={permission}))
        assert response.status_code == status


async def test_a_caller_who_may_do_nothing_learns_who_they_are_and_nobody_else_does() -> None:
    auth = FakeAuth()
    response, _ = await call(auth, "GET", "/me", auth.headers(permissions=[], subject="ann"))
    assert response.json() == "ann"
    response, _ = await call(auth, "GET", "/me", {})
    assert response.status_code == 401


async def test_a_scope_is_needed_whole() -> None:
    auth = FakeAuth()
    scope = {"type": "http", "app": application(auth), "headers": [], "path": "/", "client": None}
    connection = HTTPConnection(scope | {"server": ("x", 80), "query_string": b"", "scheme": "http"})
    assert (await authorise(connection, "read", auth.token(permissions={"read"}))).subject == "tester"
    with pytest.raises(Forbidden, match="this needs the permission 'read'; you have anomalies:read"):
        await authorise(connection, "read", auth.token(permissions={"anomalies:read"}))


def test_the_document_says_which_permission_a_route_needs() -> None:
    paths = application(FakeAuth()).openapi()["paths"]
    assert paths["/change"]["post"]["security"] == [{"HTTPBearer": ["streams:write"]}]
    assert paths["/me"]["get"]["security"] == [{"HTTPBearer": []}]


async def test_admin_alone_does_not_imply_write() -> None:
    auth = FakeAuth()
    response, _ = await call(auth, "POST", "/change", auth.headers(permissions={"admin"}))
    assert response.status_code == 403


async def test_a_service_acts_for_the_tenant_that_it_names() -> None:
    auth = FakeAuth()
    headers = auth.headers(kind="service") | {"X-Tenant": "acme"}
    response, _ = await call(auth, "GET", "/who", headers)
    assert response.json()["tenant"] == "acme"


@pytest.mark.parametrize("kind", ["user", "api_key"])
async def test_nobody_else_acts_for_another_tenant(kind: Any) -> None:
    auth = FakeAuth()
    response, events = await call(auth, "GET", "/who", auth.headers(kind=kind) | {"X-Tenant": "acme"})
    assert response.status_code == 403
    assert events[0]["wanted_tenant"] == "acme"


async def test_naming_ones_own_tenant_is_allowed() -> None:
    auth = FakeAuth()
    response, _ = await call(auth, "GET", "/who", auth.headers(tenant="acme") | {"X-Tenant": "acme"})
    assert response.json()["tenant"] == "acme"


async def test_a_tenant_that_cannot_be_one_is_400() -> None:
    auth = FakeAuth()
    response, _ = await call(auth, "GET", "/who", auth.headers(kind="service") | {"X-Tenant": "../x"})
    assert response.status_code == 400
