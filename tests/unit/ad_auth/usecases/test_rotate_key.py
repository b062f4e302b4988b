"""Keys that get a new secret."""

from datetime import timedelta

import pytest

from ad_auth.domain.refusals import InvalidClient
from ad_auth.usecases.create_key import create_key
from ad_auth.usecases.exchange_key import exchange_key
from ad_auth.usecases.rotate_key import rotate_key
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Forbidden, NotFound
from ad_chassis.security.token_source import parse_api_key
from tests.support.callers import caller
from tests.support.registry import published

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def key(store, now):
    return await create_key(store, by=caller(), name="k", role="viewer", environment="test", now=now)


@pytest.fixture
def rotate(store, revocations, now):
    async def rotate(key_id, overlap=HOUR, by=None):
        what = {"key_id": key_id, "overlap": overlap, "environment": "prod", "now": now}
        return await rotate_key(store, revocations, by=by or caller(), **what)

    return rotate


@pytest.fixture
def use(store, issuer, now):
    async def use(text, after=timedelta(0)):
        key_id, secret = parse_api_key(text)
        return await exchange_key(store, issuer, None, key_id=key_id, secret=secret, now=now + after)

    return use


async def test_both_secrets_work_until_the_overlap_ends(platform, key, rotate, use, now) -> None:
    found, old = key
    rotated, new = await rotate(found.id)
    assert new.startswith(f"ad_prod_{found.id}_")
    assert rotated.old_secret_until == now + HOUR
    for text, after in ((old, 0 * HOUR), (new, 0 * HOUR), (old, HOUR - MINUTE), (new, 2 * HOUR)):
        assert (await use(text, after)).scope == "read"
    with pytest.raises(InvalidClient):
        await use(old, HOUR)
    entry = next(each for each in await published(platform, "audit") if each.action == "rotate api key")
    assert (entry.resource, entry.details) == (found.id, {"name": "k", "overlap_seconds": "3600"})


async def test_a_token_of_the_old_secret_ends_with_it(key, rotate, use) -> None:
    found, old = key
    _, new = await rotate(found.id)
    assert (await use(old, HOUR - MINUTE)).expires_in == 60
    assert (await use(new, HOUR - MINUTE)).expires_in == 900


async def test_without_overlap_the_old_secret_and_all_tokens_end_at_once(
    store, key, rotate, use, now
) -> None:
    found, old = key
    await use(old)
    _, new = await rotate(found.id, timedelta(0))
    with pytest.raises(InvalidClient):
        await use(old)
    async with store.transaction(EVERY_TENANT) as work:
        assert len(await work.revoked_tokens(now)) == 1
    assert (await use(new)).scope == "read"


async def test_rotated_twice_the_first_secret_ends(key, rotate, use) -> None:
    found, first = key
    _, second = await rotate(found.id)
    _, third = await rotate(found.id)
    with pytest.raises(InvalidClient):
        await use(first)
    for text in (second, third):
        assert (await use(text)).scope == "read"


async def test_nobody_gets_the_secret_of_a_key_that_has_more_than_they_have(key, rotate) -> None:
    with pytest.raises(Forbidden):
        await rotate(key[0].id, by=caller(["api_keys:write"]))
    with pytest.raises(NotFound):
        await rotate(key[0].id, by=caller(tenant="acme"))


async def test_only_hashes_are_stored(store, key, rotate) -> None:
    found, old = key
    _, new = await rotate(found.id)
    async with store.transaction(EVERY_TENANT) as work:
        stored = await work.api_key(found.id)
    content = str([getattr(stored, name) for name in stored.__slots__])
    for text in (old, new):
        assert parse_api_key(text)[1] not in content + repr(stored)
    assert "hash" not in repr(stored)
