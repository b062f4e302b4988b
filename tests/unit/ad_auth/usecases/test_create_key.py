"""Making API keys."""

import pytest

from ad_auth.domain.credentials import matches
from ad_auth.usecases.create_key import create_key
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Forbidden, NotFound, Unprocessable
from ad_chassis.security.token_source import parse_api_key
from tests.support.callers import caller
from tests.support.registry import published

WHAT = {"name": "loader", "role": "analyst", "environment": "test"}


async def test_a_key_is_stored_without_its_secret_and_audited(platform, store, now) -> None:
    key, text = await create_key(store, by=caller(), now=now, **WHAT)
    key_id, secret = parse_api_key(text)
    async with store.transaction(EVERY_TENANT) as work:
        stored = await work.api_key(key_id)
    assert stored == key
    assert secret not in str([getattr(stored, name) for name in stored.__slots__])
    assert matches(secret, stored.secret_hash)
    entry = (await published(platform, "audit"))[-1]
    assert (entry.action, entry.resource) == ("create api key", key_id)
    assert secret not in str(entry)


async def test_a_key_that_is_over_before_it_begins_is_refused(store, now) -> None:
    with pytest.raises(Unprocessable, match="expires_at: a key must expire in the future"):
        await create_key(store, by=caller(), now=now, expires_at=now, **WHAT)


async def test_a_tenant_that_does_not_exist_has_no_keys(store, now) -> None:
    with pytest.raises(NotFound, match="there is no tenant 'acme'"):
        await create_key(store, by=caller(tenant="acme"), now=now, **WHAT)


async def test_a_key_says_where_it_is_good(store, now) -> None:
    key, text = await create_key(store, by=caller(), now=now, **WHAT | {"environment": "prod"})
    assert text.startswith(f"ad_prod_{key.id}_")


async def test_nobody_makes_a_key_that_may_do_more_than_they_may(store, now) -> None:
    what = {"name": "k", "environment": "test", "now": now}
    for by, given in (
        (caller(["api_keys:write"]), {"role": "viewer"}),
        (caller(["admin"]), {"permissions": ["models:promote"]}),
        (caller(streams=["pumps"]), {"role": "viewer"}),
        (caller(streams=["pumps"]), {"role": "viewer", "streams": ["pumps", "mills"]}),
    ):
        with pytest.raises(Forbidden, match="you can neither give nor change"):
            await create_key(store, by=by, **what, **given)
    async with store.transaction(EVERY_TENANT) as work:
        assert await work.api_keys("default", None, 10) == []
