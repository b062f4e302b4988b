"""New tenants."""

import pytest

from ad_auth.usecases.create_tenant import create_tenant
from ad_chassis.errors import Conflict
from tests.support.callers import caller
from tests.support.registry import published


async def test_it_has_an_administrator_and_the_others_hear_of_it(platform, store, now) -> None:
    what = {"name": "acme", "quotas": {"streams": 2, "jobs": None}, "environment": "test", "now": now}
    tenant, text = await create_tenant(store, by=caller(subject="service"), **what)
    assert (tenant.quotas, tenant.suspended_at, text.startswith("ad_test_")) == ({"streams": 2}, None, True)
    async with store.transaction("acme", read_only=True) as work:
        assert await work.administrators("acme") == 1
    [told] = await published(platform, "tenants")
    assert (told.tenant, told.quotas, told.suspended) == ("acme", {"streams": 2}, False)
    entry = (await published(platform, "audit"))[-1]
    assert (entry.tenant, entry.subject, entry.action) == ("acme", "service", "create tenant")
    with pytest.raises(Conflict, match="there is a tenant 'acme' already"):
        await create_tenant(store, by=caller(subject="service"), **what)
