"""People whom another provider vouches for."""

import pytest

from ad_auth.domain.external import IdentityRefused, RoleMap
from ad_auth.domain.refusals import InvalidGrant
from ad_auth.usecases.admit_external import admit_external
from ad_auth.usecases.change_tenant import change_tenant
from ad_auth.usecases.change_user import change_user
from ad_auth.usecases.log_in import log_in
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Forbidden
from tests.support.callers import caller
from tests.support.registry import published

CLAIMS = {"iss": "https://idp.example", "sub": "42", "preferred_username": "bob", "groups": ["staff"]}


@pytest.fixture
def admit(store, passwords, revocations, issuer, now):
    async def admit(tenant="default", **claims):
        roles = RoleMap("groups", {"admins": "admin", "staff": "viewer"})
        what = {"tenant": tenant, "roles": roles, "claims": CLAIMS | claims, "now": now}
        return await admit_external(store, passwords, revocations, issuer, **what)

    return admit


async def bob(store):
    async with store.transaction(EVERY_TENANT) as work:
        return await work.user_by_name("default", "bob")


async def test_the_user_is_made_at_the_first_login_and_found_at_the_next(platform, store, admit) -> None:
    assert (await admit()).scope == "read"
    first = await bob(store)
    assert (await admit(preferred_username="robert")).scope == "read"
    assert await bob(store) == first
    actions = [entry.action for entry in await published(platform, "audit")]
    assert actions == ["create external user", "login", "login"]


async def test_who_has_no_role_stays_out_and_the_log_says_why(platform, store, admit) -> None:
    with pytest.raises(IdentityRefused, match="gives you a role"):
        await admit(groups=["guests"])
    assert await bob(store) is None
    [entry] = await published(platform, "audit")
    assert (entry.action, entry.outcome, entry.details["issuer"]) == ("login", "failed", CLAIMS["iss"])


async def test_another_role_ends_the_tokens_of_before(store, admit, now) -> None:
    await admit()
    assert "admin" in (await admit(groups=["admins"])).scope
    async with store.transaction(EVERY_TENANT) as work:
        assert len(await work.revoked_tokens(now)) == 1


async def test_the_last_administrator_stays_one_until_there_is_another(
    platform, store, admit, add_user, now
) -> None:
    """As where an administrator changes a user: nobody could give the role to anyone any more."""
    await admit(groups=["admins"])
    assert "admin" in (await admit()).scope
    assert (await bob(store)).role == "admin"
    entries = await published(platform, "audit")
    [denied] = [entry for entry in entries if entry.action == "change external user"]
    assert (denied.outcome, denied.details["role"]) == ("denied", "viewer")
    async with store.transaction(EVERY_TENANT) as work:
        assert await work.revoked_tokens(now) == []
    await add_user("ann", "admin")
    assert (await admit()).scope == "read"
    assert (await bob(store)).role == "viewer"


async def test_the_claims_win_over_a_role_that_an_administrator_gave_here(
    store, passwords, revocations, admit, now
) -> None:
    await admit()
    what = {"by": caller(), "user_id": (await bob(store)).id, "changes": {"role": "operator"}, "now": now}
    await change_user(store, passwords, revocations, **what)
    await admit()
    assert (await bob(store)).role == "viewer"


async def test_a_person_of_another_issuer_with_the_same_subject_is_somebody_else(store, admit) -> None:
    await admit()
    await admit(iss="https://other.example")
    async with store.transaction(EVERY_TENANT) as work:
        names = [user.username for user in await work.users("default", None, 10)]
    assert len(names) == 2


async def test_no_password_opens_the_account(store, passwords, attempts, issuer, admit, now) -> None:
    await admit()
    for password in ("", "external", "correct horse battery"):
        with pytest.raises(InvalidGrant):
            await log_in(
                store, passwords, attempts, issuer,
                tenant="default", username="bob", password=password, now=now,
            )  # fmt: skip


async def test_who_is_suspended_here_stays_out(store, passwords, revocations, admit, now) -> None:
    await admit()
    what = {"by": caller(), "user_id": (await bob(store)).id, "changes": {"suspended": True}, "now": now}
    await change_user(store, passwords, revocations, **what)
    with pytest.raises(IdentityRefused, match="suspended"):
        await admit(groups=["admins"])
    assert (await bob(store)).role == "viewer"


async def test_a_suspended_tenant_takes_nobody_and_makes_nobody(store, revocations, admit, now) -> None:
    await change_tenant(store, revocations, by=caller(), name="default", suspended=True, now=now)
    with pytest.raises(Forbidden):
        await admit()
    assert await bob(store) is None


async def test_a_tenant_that_does_not_exist_is_named(admit) -> None:
    with pytest.raises(IdentityRefused, match="AUTH_OIDC_TENANT"):
        await admit(tenant="acme")
