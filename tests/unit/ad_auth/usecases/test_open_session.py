"""What is given to who proved who they are."""

from datetime import timedelta

import pytest

from ad_auth.domain.refusals import InvalidGrant
from ad_auth.usecases.change_tenant import change_tenant
from ad_auth.usecases.change_user import change_user
from ad_auth.usecases.open_session import open_session
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Forbidden
from tests.support.callers import caller


async def test_a_session_is_opened_and_an_old_hash_renewed(store, issuer, add_user, now) -> None:
    user = await add_user()
    grant = await open_session(store, issuer, user, "renewed", now)
    assert (grant.scope, grant.tenant) == ("read write", "default")
    async with store.transaction(EVERY_TENANT) as work:
        stored = await work.user("default", user.id)
    assert stored is not None
    assert stored.password_hash == "renewed"


@pytest.mark.parametrize("change", [{"password": "another horse battery"}, {"suspended": True}])
async def test_who_was_changed_since_the_password_was_checked_gets_nothing(
    store, issuer, passwords, revocations, add_user, now, change
) -> None:
    user = await add_user()
    later = now + timedelta(seconds=1)
    what = {"by": caller(), "user_id": user.id, "changes": change, "now": later}
    await change_user(store, passwords, revocations, **what)
    with pytest.raises(InvalidGrant):
        await open_session(store, issuer, user, None, later)


async def test_nobody_of_a_suspended_tenant_gets_a_session(store, issuer, revocations, add_user, now) -> None:
    user = await add_user()
    await change_tenant(store, revocations, by=caller(), name="default", suspended=True, now=now)
    with pytest.raises(Forbidden):
        await open_session(store, issuer, user, None, now)
