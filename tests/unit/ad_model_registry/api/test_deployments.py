"""Deployments over REST, to those who see their streams."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from ad_chassis.health import Health
from ad_chassis.http import create_app
from ad_chassis.metrics import Metrics
from ad_chassis.testing import FakeAuth
from ad_model_registry.api.deployments import routes
from ad_model_registry.usecases.register_version import register_version
from tests.support.registry import Streams, artifact

AUTH = FakeAuth()
FEATURES = frozenset({"load", "heat"})
STREAMS = Streams({"mills": FEATURES, "pumps": FEATURES, "fans": FEATURES})


@pytest.fixture
async def http(platform, registry, reader) -> AsyncIterator[httpx2.AsyncClient]:
    """A model that scores three streams."""
    data = artifact(platform.keys_dir, 1)
    await register_version(
        registry, platform.objects, reader, tenant="default", model="m", data=data, by="me"
    )
    app = create_app("x", "1", metrics=Metrics("x"), health=Health("1"), verifier=AUTH.verifier())
    app.include_router(routes(registry, STREAMS))
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://x/api/v1") as client:
        for stream in ("mills", "pumps", "fans"):
            answer = await client.post("/models/m/promote", json={"stream": stream}, headers=AUTH.headers())
            assert answer.is_success, answer.text
        yield client


async def test_pages_hold_only_deployments_on_streams_that_the_caller_sees(http) -> None:
    for streams, seen in (
        (None, ["fans", "mills", "pumps"]),
        (["fans", "pumps"], ["fans", "pumps"]),
        ([], []),
    ):
        headers = AUTH.headers(streams=streams)
        first = (await http.get("/deployments", params={"limit": 1}, headers=headers)).json()
        query = {"cursor": first["next_cursor"]} if first["next_cursor"] else {"limit": 1}
        rest = (await http.get("/deployments", params=query, headers=headers)).json()
        found = first["items"] + (rest["items"] if first["next_cursor"] else [])
        assert [each["stream"] for each in found] == seen


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/deployments/pumps", None),
        ("DELETE", "/deployments/pumps", None),
        ("PUT", "/deployments/pumps/challengers", {"challengers": [{"model": "m"}]}),
        ("POST", "/models/m/promote", {"stream": "pumps"}),
        ("POST", "/models/m/rollback", {"stream": "pumps"}),
    ],
)
async def test_who_does_not_see_the_stream_neither_sees_nor_changes_what_scores_it(
    http, method, path, body
) -> None:
    hidden = await http.request(method, path, json=body, headers=AUTH.headers(streams=["mills"]))
    assert (hidden.status_code, "there is no stream 'pumps'" in hidden.text) == (404, True)
    own = await http.request(method, path, json=body, headers=AUTH.headers(streams=["pumps"]))
    # The champion cannot be its own challenger.
    assert own.status_code == (422 if path.endswith("challengers") else 200)
