"""Paths of tenants lead to the service that is named in them, and nowhere else."""

import pytest

from tests.support.edge import Edge, status_of


async def call(edge: Edge, line: str) -> int:
    return status_of(await edge.raw(f"{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode()))


@pytest.mark.parametrize("service", ["ingestion", "training", "model_registry", "detection", "auth"])
async def test_each_service_is_asked_for_what_it_holds_itself(edge: Edge, service: str) -> None:
    for what in ("data", "objects"):
        assert await call(edge, f"GET /api/v1/tenants/acme/{what}/{service}?key=x") == 200
        assert edge.reached[-1].startswith(f"{service} GET /api/v1/tenants/acme/{what}/{service}")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/tenants/acme/data/gateway",
        "/api/v1/tenants/acme/data/ingestion/more",
        "/api/v1/tenants/acme/data/ingestion%2Fx",
        "/api/v1/tenants/data/ingestion",
        "/api/v1/tenants/acme/data",
    ],
)
async def test_what_names_no_service_is_for_auth_to_refuse(edge: Edge, path: str) -> None:
    await call(edge, f"DELETE {path}?confirm=acme")
    assert edge.reached[-1].startswith("auth DELETE ")


@pytest.mark.parametrize(
    "path",
    ["/api/v1/tenants/../data/ingestion", "/api/v1/tenants/acme/data/../../acme2/data/ingestion"],
)
async def test_steps_in_a_path_erase_nothing(edge: Edge, path: str) -> None:
    before = list(edge.reached)
    assert await call(edge, f"DELETE {path}?confirm=acme") == 400
    assert edge.reached == before
