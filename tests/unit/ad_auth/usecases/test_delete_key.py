"""Removing API keys."""

import pytest

from ad_auth.domain.refusals import InvalidClient
from ad_auth.usecases.create_key import create_key
from ad_auth.usecases.delete_key import delete_key
from ad_auth.usecases.exchange_key import exchange_key
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Conflict, NotFound
from ad_chassis.security.revocations import REVOKED_PREFIX
from ad_chassis.security.token_source import parse_api_key
from tests.support.callers import caller


@pytest.fixture
def create(store, now):
    async def create(role="viewer"):
        return await create_key(store, by=caller(), name="k", role=role, environment="test", now=now)

    return create


@pytest.fixture
def delete(store, revocations, now):
    async def delete(key_id, tenant="default"):
        await delete_key(store, revocations, by=caller(tenant=tenant), key_id=key_id, now=now)

    return delete


async def test_the_tokens_of_a_key_end_with_the_key(platform, store, issuer, create, delete, now) -> None:
    key, text = await create()
    key_id, secret = parse_api_key(text)
    await exchange_key(store, issuer, None, key_id=key_id, secret=secret, now=now)
    await delete(key.id)
    with pytest.raises(InvalidClient):
        await exchange_key(store, issuer, None, key_id=key_id, secret=secret, now=now)
    async with store.transaction(EVERY_TENANT) as work:
        [token] = await work.revoked_tokens(now)
    assert await platform.cache.get(REVOKED_PREFIX + token.id) is not None


async def test_the_last_administrator_stays(create, delete, add_user) -> None:
    key, _ = await create("admin")
    with pytest.raises(Conflict, match="the last administrator"):
        await delete(key.id)
    await add_user("ann", "admin")
    await delete(key.id)


async def test_a_key_of_another_tenant_is_not_there(create, delete) -> None:
    key, _ = await create()
    for tenant, key_id in (("acme", key.id), ("default", "nobody")):
        with pytest.raises(NotFound, match="there is no API key with the id"):
            await delete(key_id, tenant)
