"""Adding users."""

import pytest

from ad_auth.usecases.create_user import create_user
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Conflict, Forbidden, NotFound, Unprocessable
from tests.support.callers import caller
from tests.support.registry import published


async def test_a_user_is_stored_with_an_argon2id_hash_and_audited(platform, store, add_user) -> None:
    user = await add_user("Ann", "viewer")
    assert user.username == "ann"
    assert user.password_hash.startswith("$argon2id$")
    async with store.transaction(EVERY_TENANT) as work:
        assert await work.user_by_name("default", "ann") == user
    entry = (await published(platform, "audit"))[-1]
    assert (entry.action, entry.resource, entry.subject) == ("create user", user.id, "tests")
    assert entry.details == {"username": "ann", "role": "viewer"}


async def test_a_name_that_is_taken_is_said(add_user) -> None:
    await add_user("ann")
    with pytest.raises(Conflict, match="there is a user 'ann' already"):
        await add_user("ANN")


@pytest.mark.parametrize(
    ("username", "password", "field"),
    [("a b", "correct horse battery", "username"), ("ann", "short", "password")],
)
async def test_what_is_wrong_is_named_and_the_password_never_repeated(
    add_user, username, password, field
) -> None:
    with pytest.raises(Unprocessable) as caught:
        await add_user(username, password=password)
    assert [each["field"] for each in caught.value.errors] == [field]
    assert password not in str(caught.value.errors)


async def test_a_tenant_that_does_not_exist_has_no_users(store, passwords, now) -> None:
    who = {"username": "ann", "password": "correct horse battery", "role": "viewer"}
    with pytest.raises(NotFound, match="there is no tenant 'acme'"):
        await create_user(store, passwords, by=caller(tenant="acme"), now=now, **who)


async def test_nobody_makes_a_user_who_has_more_than_they_have(store, passwords, now) -> None:
    who = {"username": "ann", "password": "correct horse battery", "now": now}
    for by, role, streams in (
        (caller(["users:write", "read"]), "operator", None),
        (caller(["admin", "read", "write"], streams=["pumps"]), "viewer", None),
        (caller(["admin", "read", "write"], streams=["pumps"]), "viewer", ["mills"]),
    ):
        with pytest.raises(Forbidden, match="you can neither give nor change"):
            await create_user(store, passwords, by=by, role=role, streams=streams, **who)
    by = caller(["admin", "read", "write"], streams=["pumps"])
    user = await create_user(store, passwords, by=by, role="viewer", streams=["pumps"], **who)
    async with store.transaction(EVERY_TENANT) as work:
        assert (await work.user("default", user.id)).streams == ["pumps"]


async def test_a_role_that_does_not_exist_is_said(store, passwords, now) -> None:
    who = {"username": "ann", "password": "correct horse battery", "now": now}
    with pytest.raises(Unprocessable, match="role: there is no role 'root'; there are viewer, analyst"):
        await create_user(store, passwords, by=caller(), role="root", **who)
