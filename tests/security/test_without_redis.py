"""Without Redis the gateway refuses nobody, and each process holds the limits by itself."""

from pathlib import Path

from pydantic import SecretStr

from ad_chassis.settings import CacheSettings
from ad_gateway.settings import GatewaySettings
from tests.support.edge import running_edge

NOBODY = CacheSettings(url=SecretStr("redis://127.0.0.1:1/0"))


async def test_requests_and_keys_are_answered_and_the_limit_of_an_address_holds(tmp_path: Path) -> None:
    settings = GatewaySettings(address_per_second=2.0)
    async with running_edge(tmp_path, settings, cache=NOBODY) as edge:
        headers = edge.auth.headers() | {"Idempotency-Key": "k"}
        for _ in range(2):
            answer = await edge.http.post("/api/v1/streams", json={"name": "a"}, headers=headers)
            assert answer.status_code == 200
        assert edge.reached.count("ingestion POST /api/v1/streams") == 1
        statuses = [(await edge.http.get("/api/v1/models")).status_code for _ in range(30)]
    assert set(statuses) == {200, 429}
    assert statuses.count(200) <= 20
