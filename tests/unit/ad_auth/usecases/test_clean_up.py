"""What has ended is forgotten; what was revoked is told again."""

from datetime import timedelta

from sqlalchemy import func, select

from ad_auth.adapters import tables
from ad_auth.usecases.clean_up import clean_up
from ad_auth.usecases.log_in import log_in
from ad_chassis.database import EVERY_TENANT
from ad_chassis.security.revocations import REVOKED_PREFIX

MINUTE = timedelta(minutes=1)
WHO = {"tenant": "default", "username": "ann", "password": "correct horse battery"}


async def rows(database) -> list[int]:
    which = (tables.access_tokens, tables.refresh_tokens, tables.sessions)
    async with database.session(EVERY_TENANT, read_only=True) as session:
        return [await session.scalar(select(func.count()).select_from(table)) for table in which]


async def test_what_has_ended_is_removed(
    database, store, passwords, attempts, issuer, revocations, add_user, now
) -> None:
    await add_user()
    await log_in(store, passwords, attempts, issuer, now=now, **WHO)
    for minutes, left in ((0, [1, 1, 1]), (15, [0, 1, 1]), (60 * 24 * 90, [0, 0, 0])):
        await clean_up(store, revocations, now=now + minutes * MINUTE)
        assert await rows(database) == left


async def test_a_cache_that_lost_its_memory_learns_again_what_was_revoked(
    platform, store, passwords, attempts, issuer, revocations, add_user, now
) -> None:
    user = await add_user()
    await log_in(store, passwords, attempts, issuer, now=now, **WHO)
    async with store.transaction(EVERY_TENANT) as work:
        [token] = await work.revoke_tokens("default", "subject", user.id, now)
    assert await platform.cache.get(REVOKED_PREFIX + token.id) is None
    await clean_up(store, revocations, now=now + MINUTE)
    assert await platform.cache.get(REVOKED_PREFIX + token.id) is not None
