"""A code of the second factor: each is good once."""

from dataclasses import replace
from datetime import datetime

from ad_auth.domain.accounts import User
from ad_auth.domain.second_factor import SecondFactor, is_code, recovery_hash, step_of
from ad_auth.ports import Transaction


async def use_code(work: Transaction, user: User, factor: SecondFactor, code: str, now: datetime) -> bool:
    """Whether it was good, as it is no more. The user's row must be locked: of two at a time one gets it."""
    if not is_code(code):
        return await work.use_recovery_code(user, recovery_hash(code))
    step = step_of(factor, code, now)
    if step is None:
        return False
    await work.save_second_factor(replace(factor, last_step=step))
    return True


async def locked_factor(work: Transaction, user: User) -> SecondFactor | None:
    """The factor that logins ask for, with the user locked until the end of the transaction."""
    await work.user(user.tenant, user.id)
    factor = await work.second_factor(user)
    return factor if factor is not None and factor.confirmed_at is not None else None
