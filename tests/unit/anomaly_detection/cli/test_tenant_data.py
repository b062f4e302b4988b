"""`tenants export` and `tenants erase`: the parts of all services together."""

import json
import zipfile

import httpx2
import pytest

from ad_chassis.database import new_metadata
from ad_chassis.security.permissions import EVERYTHING
from ad_chassis.tenants.holdings import Holdings
from ad_chassis.tenants.routes import tenant_routes
from ad_chassis.testing import FakeAuth, memory_platform
from anomaly_detection.cli import tenant_data
from tests.support.canned_server import Answer, problem

SERVICES = ("auth", "ingestion", "detection", "training", "model_registry")
ACME = {"tenant": "acme", "created_at": "2026-01-01T00:00:00Z", "suspended_at": None, "quotas": {}}
SHUT_OUT = ACME | {"suspended_at": "2026-01-02T00:00:00Z"}


def lines(*said: dict[str, object]) -> Answer:
    return Answer(b"".join(json.dumps(each).encode() + b"\n" for each in said), 200, "application/x-ndjson")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant_data, "WAIT_SECONDS", 0.0)


@pytest.fixture
def exported(server):
    server.on("GET /tenants/acme", ACME)
    for service in SERVICES:
        server.on(f"GET /tenants/acme/data/{service}", lines({"end": {"rows": 0, "objects": 0}}))
    row = {"table": "streams", "row": {"name": "pumps"}}
    stored = {"object": "lake/acme/pumps/a b.parquet", "size_bytes": 3}
    server.on("GET /tenants/acme/data/ingestion", lines(row, stored, {"end": {"rows": 1, "objects": 1}}))
    server.on("GET /tenants/acme/objects/ingestion", Answer(b"PAR", 200, "application/octet-stream"))
    return server


def test_an_export_holds_the_lines_and_the_objects_of_every_service(command, exported, tmp_path) -> None:
    target = tmp_path / "acme.zip"
    told = command("tenants", "export", "acme", "--output", str(target), "--json").json
    assert (told["rows"], told["objects"]) == (1, 1)
    with zipfile.ZipFile(target) as archive:
        names = set(archive.namelist())
        assert archive.read("ingestion/lake/acme/pumps/a b.parquet") == b"PAR"
        assert b'"pumps"' in archive.read("ingestion.ndjson")
    assert {f"{service}.ndjson" for service in SERVICES} < names
    asked = [each for each in exported.seen if "/objects/" in each.path]
    assert [each.query for each in asked] == [{"key": ["lake/acme/pumps/a b.parquet"]}]
    again = command("tenants", "export", "acme", "--output", str(target))
    assert (again.code, "exists already" in again.err) == (2, True)


def test_an_export_that_breaks_off_leaves_no_zip_of_that_name(command, exported, tmp_path) -> None:
    exported.on("GET /tenants/acme/data/training", lines({"table": "training_jobs", "row": {}}))
    target = tmp_path / "acme.zip"
    broken = command("tenants", "export", "acme", "--output", str(target))
    assert (broken.code, target.exists()) == (2, False)
    assert "training broke off in the middle of its answer" in broken.err


def test_services_are_asked_until_nothing_is_found_and_auth_comes_last(command, server) -> None:
    server.on("GET /tenants/acme", SHUT_OUT)
    for service in SERVICES:
        server.on(f"DELETE /tenants/acme/data/{service}", {"erased": {}})
    server.on(
        "DELETE /tenants/acme/data/detection",
        problem(409, "the tenant 'acme' is not suspended; suspend it first"),
        Answer({"erased": {"anomalies": 3}}),
        Answer({"erased": {"anomalies": 1}}),
        Answer({"erased": {}}),
    )
    server.on("DELETE /tenants/acme/data/auth", {"erased": {"tenants": 1}})
    told = command("tenants", "erase", "acme", "--confirm", "acme", "--json").json
    assert told["erased"] == {"detection: anomalies": 4, "auth: tenants": 1}
    calls = [each for each in server.seen if each.method == "DELETE"]
    assert [each.path.rsplit("/", 1)[1] for each in calls].count("ingestion") == 3
    assert calls[-1].path.endswith("/data/auth")
    assert {tuple(each.query["confirm"]) for each in calls} == {("acme",)}


@pytest.mark.parametrize(
    ("tenant", "confirm", "said"),
    [(ACME, "acme", "acme is not suspended"), (SHUT_OUT, "acne", "'acne' is not 'acme'; nothing was erased")],
)
def test_nothing_is_erased_unless_it_is_suspended_and_meant(command, server, tenant, confirm, said) -> None:
    server.on("GET /tenants/acme", tenant)
    refused = command("tenants", "erase", "acme", "--confirm", confirm)
    assert (refused.code, said in refused.err) == (2, True)
    assert [each.method for each in server.seen] == ["GET"]


@pytest.mark.parametrize(
    ("said", "asked"),
    [("the tenant 'acme' belongs to the installation", 1), ("the tenant 'acme' is not suspended", 16)],
)
def test_only_a_service_that_may_not_have_heard_of_the_suspension_is_asked_again(
    command, server, said, asked
) -> None:
    server.on("GET /tenants/acme", SHUT_OUT)
    server.on("DELETE /tenants/acme/data/ingestion", problem(409, said))
    refused = command("tenants", "erase", "acme", "--confirm", "acme")
    assert (refused.code, said in refused.err) == (2, True)
    assert [each.method for each in server.seen].count("DELETE") == asked


async def test_a_tenant_that_is_not_suspended_is_told_as_the_services_say_it(tmp_path) -> None:
    async def suspended(_: str) -> bool:
        return False

    async def erase(_: str) -> dict[str, int]:
        return {}

    auth = FakeAuth()
    async with memory_platform(tmp_path, auth) as platform:
        app = platform.app("zoo", platform.health())
        holdings = Holdings(platform.database("zoo"), new_metadata(), platform.objects, ["zoo"])
        app.include_router(tenant_routes("zoo", holdings, suspended, erase))
        headers = auth.headers(kind="service", permissions=EVERYTHING)
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://zoo", headers=headers
        ) as http:
            refused = await http.delete("/api/v1/tenants/acme/data/zoo?confirm=acme")
    assert (refused.status_code, tenant_data.NOT_SUSPENDED in refused.json()["detail"]) == (409, True)


def test_what_comes_anew_all_the_time_is_told(command, server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenant_data, "PASSES", 4)
    server.on("GET /tenants/acme", SHUT_OUT)
    for service in SERVICES:
        server.on(f"DELETE /tenants/acme/data/{service}", {"erased": {"rows": 1}})
    refused = command("tenants", "erase", "acme", "--confirm", "acme")
    assert (refused.code, "comes anew all the time" in refused.err) == (2, True)
    assert not any(each.path.endswith("/auth") for each in server.seen)
