"""What somebody is given who proved who they are: a session at once, or what leads to one."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar

from ad_auth.domain.accounts import User
from ad_auth.domain.refusals import InvalidGrant
from ad_auth.ports import Store, Transaction
from ad_auth.usecases.check_tenant import check_tenant

WRONG = "the user name or the password is wrong"
Given = TypeVar("Given")
Answer_co = TypeVar("Answer_co", covariant=True)


class Gives(Protocol[Answer_co]):
    async def give(self, work: Transaction, user: User, now: datetime) -> Callable[[], Awaitable[Answer_co]]:
        """Writes what must be stored; what comes back is called after the commit, for the answer."""


async def open_session(
    store: Store, gives: Gives[Given], user: User, renewed: str | None, now: datetime
) -> Given:
    """Looks at the user once more, now locked: a change since the password was checked counts."""
    async with store.transaction(user.tenant) as work:
        current = await work.user(user.tenant, user.id)
        if current is None or current.password_hash != user.password_hash or current.suspended_at:
            raise InvalidGrant(WRONG)
        await check_tenant(work, user.tenant, user.id)
        if renewed is not None:
            await work.save_user(replace(current, password_hash=renewed))
        answer = await gives.give(work, current, now)
    return await answer()
