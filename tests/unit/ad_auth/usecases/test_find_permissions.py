"""What roles and keys allow."""

import pytest

from ad_auth.domain.accounts import InvalidAccount
from ad_auth.usecases.create_key import create_key
from ad_auth.usecases.create_role import create_role
from ad_auth.usecases.find_permissions import check_role, checked_permissions, permissions_of_key
from ad_chassis.database import EVERY_TENANT
from ad_chassis.security.permissions import SCOPES
from tests.support.callers import caller


async def test_a_key_allows_what_its_role_does_or_what_it_lists_itself(store, now) -> None:
    await create_role(store, by=caller(), name="feeder", permissions=["records:write"], now=now)
    what = {"by": caller(), "name": "k", "environment": "test", "now": now}
    for given, allowed in (
        ({"role": "viewer"}, SCOPES["read"]),
        ({"role": "feeder"}, {"records:write"}),
        ({"permissions": ["models:promote", "admin"]}, SCOPES["admin"] | {"models:promote"}),
    ):
        key, _ = await create_key(store, **what, **given)
        async with store.transaction(EVERY_TENANT) as work:
            assert await permissions_of_key(work, key) == allowed


async def test_a_role_that_does_not_exist_is_named_beside_those_that_do(store, now) -> None:
    await create_role(store, by=caller(), name="feeder", permissions=["records:write"], now=now)
    async with store.transaction(EVERY_TENANT) as work:
        await check_role(work, "default", "feeder")
        await check_role(work, "default", "admin")
        with pytest.raises(
            InvalidAccount, match="'root'; there are viewer, analyst, operator, admin, feeder"
        ):
            await check_role(work, "default", "root")
        with pytest.raises(InvalidAccount, match="'feeder'"):
            await check_role(work, "acme", "feeder")


def test_permissions_are_kept_once_and_in_order_and_an_unknown_one_is_named() -> None:
    assert checked_permissions(["write", "models:read", "write"]) == ["models:read", "write"]
    with pytest.raises(InvalidAccount, match="there is no permission 'models:fly'"):
        checked_permissions(["read", "models:fly"])
