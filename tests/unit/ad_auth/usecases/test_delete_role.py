"""Removing roles."""

import pytest

from ad_auth.usecases.create_key import create_key
from ad_auth.usecases.create_role import create_role
from ad_auth.usecases.delete_role import delete_role
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Conflict, Forbidden, NotFound
from tests.support.callers import caller
from tests.support.registry import published


@pytest.fixture
def delete(store, now):
    async def delete(name="feeder", by=None):
        await delete_role(store, by=by or caller(), name=name, now=now)

    return delete


@pytest.fixture
async def feeder(store, now):
    return await create_role(store, by=caller(), name="feeder", permissions=["records:write"], now=now)


async def test_a_role_that_nobody_has_goes(platform, store, feeder, delete) -> None:
    await delete()
    async with store.transaction(EVERY_TENANT) as work:
        assert await work.roles("default") == []
    assert (await published(platform, "audit"))[-1].action == "delete role"


async def test_a_role_in_use_stays_and_it_is_said_by_whom(store, add_user, feeder, delete, now) -> None:
    await add_user("ann", "feeder")
    await create_key(store, by=caller(), name="loader", role="feeder", environment="test", now=now)
    with pytest.raises(Conflict, match="in use by user 'ann', API key 'loader'"):
        await delete()


async def test_built_in_unknown_and_mightier_roles_stay(feeder, delete) -> None:
    with pytest.raises(Conflict, match="the same for every tenant"):
        await delete("admin")
    for name, by in (("gone", None), ("feeder", caller(tenant="acme"))):
        with pytest.raises(NotFound):
            await delete(name, by)
    with pytest.raises(Forbidden):
        await delete(by=caller(["admin"]))
