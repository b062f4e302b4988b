"""The routes that hand out and erase a tenant, of a service that holds one object and no rows."""

import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from ad_chassis.database import new_metadata
from ad_chassis.security.permissions import EVERYTHING
from ad_chassis.tenants.holdings import Holdings
from ad_chassis.tenants.routes import tenant_routes
from ad_chassis.testing import FakeAuth, memory_platform

PATH = "/api/v1/tenants/acme"


class Served:
    def __init__(self) -> None:
        self.auth = FakeAuth()
        self.shut_out = {"acme", "default"}
        self.erased: list[str] = []
        self.client = httpx2.AsyncClient()

    async def suspended(self, tenant: str) -> bool:
        return tenant in self.shut_out

    async def erase(self, tenant: str) -> Counter[str]:
        self.erased.append(tenant)
        return Counter({"zoo/": 1})

    async def call(self, method: str, path: str, **options: object) -> httpx2.Response:
        headers = self.auth.headers(kind="service", permissions=EVERYTHING)
        return await self.client.request(method, path, headers=headers, **options)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    served = Served()
    async with memory_platform(tmp_path, served.auth) as platform:
        await platform.objects.put("zoo/acme/a b.bin", b"bytes")
        await platform.objects.put("zoo/other/1.bin", b"theirs")
        holdings = Holdings(platform.database("zoo"), new_metadata(), platform.objects, ["zoo"])
        app = platform.app("zoo", platform.health())
        app.include_router(tenant_routes("zoo", holdings, served.suspended, served.erase))
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://zoo") as served.client:
            yield served


async def test_the_last_line_of_an_export_says_that_it_is_whole(served: Served) -> None:
    answer = await served.call("GET", f"{PATH}/data/zoo")
    assert [json.loads(line) for line in answer.text.splitlines()] == [
        {"object": "zoo/acme/a b.bin", "size_bytes": 5},
        {"end": {"rows": 0, "objects": 1}},
    ]


async def test_an_object_is_handed_out_by_a_key_of_the_tenant_and_no_other(served: Served) -> None:
    path = f"{PATH}/objects/zoo"
    assert (await served.call("GET", path, params={"key": "zoo/acme/a b.bin"})).content == b"bytes"
    for key in (
        *("zoo/other/1.bin", "zoo/acme/../other/1.bin", "/etc/passwd", "zoo/acme/none", ""),
        *(
            "zoo/acme",
            "zoo/acme/",
            "zoo/acme/\0",
            "zoo/acme/a\\..\\b",
            "other/acme/a b.bin",
            "zoo//acme/a b.bin",
        ),
    ):
        assert (await served.call("GET", path, params={"key": key})).status_code == 404, key


async def test_a_tenant_is_erased_when_it_is_suspended_and_its_name_was_said_twice(served: Served) -> None:
    answer = await served.call("DELETE", f"{PATH}/data/zoo", params={"confirm": "acme"})
    assert (answer.json(), served.erased) == ({"erased": {"zoo/": 1}}, ["acme"])


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/api/v1/tenants/acme/data/zoo", {}, 422),
        ("/api/v1/tenants/acme/data/zoo", {"confirm": "acme2"}, 422),
        ("/api/v1/tenants/lively/data/zoo", {"confirm": "lively"}, 409),
        ("/api/v1/tenants/default/data/zoo", {"confirm": "default"}, 409),
        ("/api/v1/tenants/%2e%2e/data/zoo", {"confirm": ".."}, 422),
        ("/api/v1/tenants/A%25/data/zoo", {"confirm": "A%"}, 422),
    ],
)
async def test_otherwise_nothing_is_erased(
    served: Served, path: str, query: dict[str, str], status: int
) -> None:
    answer = await served.call("DELETE", path, params=query)
    assert (answer.status_code, served.erased) == (status, [])


async def test_an_administrator_of_the_tenant_may_do_neither(served: Served) -> None:
    headers = served.auth.headers(tenant="acme")
    for method, path in (("GET", "data"), ("GET", "objects"), ("DELETE", "data")):
        query = {"confirm": "acme", "key": "zoo/acme/a b.bin"}
        answer = await served.client.request(method, f"{PATH}/{path}/zoo", headers=headers, params=query)
        assert answer.status_code == 403
    assert served.erased == []
