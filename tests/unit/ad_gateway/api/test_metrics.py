"""Metrics at the edge."""

import pytest

from ad_chassis.testing.auth import SERVICE_KEY
from tests.unit.ad_gateway.conftest import Gateway

PATHS = ["/metrics", "/api/v1/metrics"]


@pytest.mark.parametrize("path", PATHS)
async def test_the_key_of_the_services_reads_them(gateway: Gateway, path: str) -> None:
    answer = await gateway.http.get(path, headers={"Authorization": f"Bearer {SERVICE_KEY}"})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/plain")
    assert "anomaly_detection_requests_total" in answer.text


@pytest.mark.parametrize("path", PATHS)
async def test_who_administers_one_tenant_does_not_read_those_of_all(gateway: Gateway, path: str) -> None:
    answer = await gateway.http.get(path, headers=gateway.auth.headers())
    assert (answer.status_code, answer.json()["detail"][:36]) == (403, "this needs the permission 'metrics:r")
    assert (await gateway.http.get(path)).status_code == 401
