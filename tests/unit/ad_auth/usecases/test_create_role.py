"""Making roles."""

import pytest

from ad_auth.usecases.create_role import create_role
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Conflict, Forbidden, NotFound, Unprocessable
from tests.support.callers import caller
from tests.support.registry import published


@pytest.fixture
def create(store, now):
    async def create(name="feeder", permissions=("records:write", "streams:read"), by=None):
        return await create_role(store, by=by or caller(), name=name, permissions=permissions, now=now)

    return create


async def test_a_role_is_stored_and_audited(platform, store, create) -> None:
    role = await create()
    async with store.transaction(EVERY_TENANT) as work:
        assert await work.role("default", "feeder") == role
        assert await work.role("acme", "feeder") is None
        assert await work.roles("default") == [role]
    entry = (await published(platform, "audit"))[-1]
    assert (entry.action, entry.resource, entry.subject) == ("create role", "feeder", "me")
    assert entry.details == {"permissions": "records:write streams:read"}


async def test_a_name_that_is_taken_or_built_in_is_refused(create) -> None:
    await create()
    with pytest.raises(Conflict, match="there is a role 'feeder' already"):
        await create()
    with pytest.raises(Conflict, match="'admin' is a role of every tenant"):
        await create("admin")


async def test_nobody_makes_a_role_that_may_do_more_than_they_may(store, create) -> None:
    with pytest.raises(Forbidden, match="models:promote"):
        await create(permissions=["models:promote"], by=caller(["admin", "read"]))
    async with store.transaction(EVERY_TENANT) as work:
        assert await work.roles("default") == []


async def test_who_is_bound_to_streams_makes_no_roles_for_the_whole_tenant(create) -> None:
    with pytest.raises(Forbidden, match="yours are pumps"):
        await create(by=caller(streams=["pumps"]))


async def test_a_permission_and_a_tenant_that_do_not_exist_are_refused(create) -> None:
    with pytest.raises(Unprocessable, match="permissions: there is no permission 'fly'"):
        await create(permissions=["fly"])
    with pytest.raises(NotFound, match="there is no tenant 'acme'"):
        await create(by=caller(tenant="acme"))
