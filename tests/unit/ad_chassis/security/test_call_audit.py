"""Calls that change something are noted for the audit log, and what was denied."""

from typing import Annotated

import httpx2
import pytest
from fastapi import FastAPI

from ad_chassis.errors import Conflict
from ad_chassis.health import Health
from ad_chassis.http import create_app
from ad_chassis.metrics import Metrics
from ad_chassis.security import Principal, require
from ad_chassis.security.call_audit import AUDITED, CallAudit, outcome_of
from ad_chassis.testing import FakeAuth
from ad_contracts.events import AuditRecorded

AUTH = FakeAuth()


def application(noted: list[AuditRecorded], *, own: bool = False) -> FastAPI:
    audit = CallAudit("x", noted.append, own=own)
    app = create_app(
        "x", "1", metrics=Metrics("x"), health=Health("1"), verifier=AUTH.verifier(), audit=audit
    )

    @app.get("/things")
    async def list_things(principal: Annotated[Principal, require("streams:read")]) -> str:
        return principal.subject

    @app.put("/things/{name}")
    async def change_thing(name: str, principal: Annotated[Principal, require("streams:write")]) -> str:
        if name == "taken":
            raise Conflict("taken")
        if name == "broken":
            raise ZeroDivisionError
        return principal.subject

    @app.post("/records")
    async def send_records(principal: Annotated[Principal, require("records:write")]) -> str:
        return principal.subject

    return app


@pytest.fixture
def call():
    async def call(method: str, path: str, *, own: bool = False, **token) -> list[AuditRecorded]:
        noted: list[AuditRecorded] = []
        transport = httpx2.ASGITransport(application(noted, own=own), client=("192.0.2.7", 1))
        async with httpx2.AsyncClient(transport=transport, base_url="http://x") as client:
            headers = {"X-Request-ID": "r1"} | (AUTH.headers(**token) if token else {})
            await client.request(method, path, headers=headers)
        return noted

    return call


async def test_a_change_says_who_what_from_where_and_how_it_ended(call) -> None:
    [entry] = await call("PUT", "/things/a%0ab?force=yes", subject="0f", tenant="acme")
    assert (entry.tenant, entry.subject, entry.action) == ("acme", "0f", "change thing")
    assert (entry.resource, entry.outcome) == ("/things/a\\u000ab", "allowed")
    assert (entry.address, entry.service, entry.request_id) == ("192.0.2.7", "x", "r1")
    assert entry.details == {
        "method": "PUT",
        "permission": "streams:write",
        "status": "200",
        "query": "force=yes",
    }


@pytest.mark.parametrize(
    ("method", "path", "permissions", "outcomes"),
    [
        ("GET", "/things", {"read"}, []),
        ("GET", "/things", {"write"}, ["denied"]),
        ("PUT", "/things/a", {"write"}, ["allowed"]),
        ("PUT", "/things/a", {"read"}, ["denied"]),
        ("PUT", "/things/taken", {"write"}, ["failed"]),
        ("PUT", "/things/broken", {"write"}, ["failed"]),
        ("POST", "/records", {"write"}, []),
        ("POST", "/records", {"read"}, ["denied"]),
        ("GET", "/nothing", {"read"}, []),
        ("GET", "/health/live", {"read"}, []),
    ],
)
async def test_changes_and_refusals_are_noted_and_traffic_is_not(
    call, method, path, permissions, outcomes
) -> None:
    assert [each.outcome for each in await call(method, path, permissions=permissions)] == outcomes


async def test_who_is_unknown_is_a_security_event_and_no_entry(call) -> None:
    assert await call("PUT", "/things/a") == []


async def test_a_service_that_writes_entries_itself_notes_only_what_it_refused(call) -> None:
    for path, permissions, outcomes in (
        ("/things/a", {"write"}, []),
        ("/things/taken", {"write"}, ["failed"]),
        ("/things/a", {"read"}, ["denied"]),
    ):
        noted = await call("PUT", path, permissions=permissions, own=True)
        assert [each.outcome for each in noted] == outcomes


async def test_a_secret_in_a_query_is_taken_out(call) -> None:
    [entry] = await call("PUT", "/things/a?key=ad_dev_0123456789abcdef_secretsecret", subject="0f")
    assert "secretsecret" not in entry.details["query"]


def test_the_end_of_a_call_is_read_from_its_status() -> None:
    assert [outcome_of(status) for status in (200, 204, 304, 401, 403, 404, 409, 429, 500)] == [
        *["allowed"] * 3,
        *["denied"] * 2,
        *["failed"] * 4,
    ]


def test_what_reads_and_what_is_the_traffic_itself_is_not_audited() -> None:
    assert {"models:promote", "replays:publish", "users:write", "tenants:write"} <= AUDITED
    assert not AUDITED & {"records:write", "detect:run", "audit:read", "users:read", "tenants:read"}
