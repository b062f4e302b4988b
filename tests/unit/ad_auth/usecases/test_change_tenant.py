"""Tenants that are shut out."""

import pytest

from ad_auth.domain.refusals import InvalidClient, InvalidGrant
from ad_auth.usecases.change_tenant import change_tenant
from ad_auth.usecases.create_key import create_key
from ad_auth.usecases.exchange_key import exchange_key
from ad_auth.usecases.log_in import log_in
from ad_auth.usecases.refresh_session import refresh_session
from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Forbidden, NotFound
from ad_chassis.security.revocations import REVOKED_PREFIX
from ad_chassis.security.token_source import parse_api_key
from tests.support.callers import caller
from tests.support.registry import published

SERVICE_KEY = "ad_service_a-long-secret"


@pytest.fixture
def suspend(store, revocations, now):
    async def suspend(suspended=True, name="default"):
        what = {"name": name, "suspended": suspended, "now": now}
        return await change_tenant(store, revocations, by=caller(subject="service"), **what)

    return suspend


@pytest.fixture
def enter(store, passwords, attempts, issuer, now):
    async def enter(password="correct horse battery"):
        who = {"tenant": "default", "username": "ann", "password": password}
        return await log_in(store, passwords, attempts, issuer, now=now, **who)

    return enter


@pytest.fixture
def use(store, issuer, now):
    async def use(text):
        key_id, secret = parse_api_key(text)
        return await exchange_key(store, issuer, SERVICE_KEY, key_id=key_id, secret=secret, now=now)

    return use


async def test_all_tokens_of_a_suspended_tenant_end_and_it_gets_no_others(
    platform, store, issuer, revocations, add_user, suspend, enter, use, now
) -> None:
    user = await add_user()
    key, text = await create_key(store, by=caller(), name="k", role="viewer", environment="test", now=now)
    grant = await enter()
    await use(text)
    assert (await suspend()).suspended_at == now
    async with store.transaction(EVERY_TENANT) as work:
        revoked = await work.revoked_tokens(now)
    assert {each.subject for each in revoked} == {user.id, key.id}
    for each in revoked:
        assert await platform.cache.get(REVOKED_PREFIX + each.id) is not None
    for attempt in (
        enter(),
        use(text),
        refresh_session(store, issuer, revocations, refresh_token=grant.refresh_token, now=now),
    ):
        with pytest.raises(Forbidden, match="the tenant 'default' is suspended"):
            await attempt
    entries = await published(platform, "audit")
    [entry] = [entry for entry in entries if entry.action == "suspend tenant"]
    assert (entry.resource, entry.subject) == ("default", "service")


async def test_who_cannot_prove_who_they_are_does_not_learn_of_it(add_user, suspend, enter, use) -> None:
    await add_user()
    await suspend()
    with pytest.raises(InvalidGrant):
        await enter("wrong horse battery")
    with pytest.raises(InvalidClient):
        await use("ad_test_0123456789abcdef_wrong")


async def test_the_services_go_on_and_an_admitted_tenant_does_too(
    store, issuer, revocations, add_user, suspend, enter, use, now
) -> None:
    await add_user()
    grant = await enter()
    await use(SERVICE_KEY)
    await suspend()
    async with store.transaction(EVERY_TENANT) as work:
        assert "service" not in {each.subject for each in await work.revoked_tokens(now)}
    assert "platform" in (await use(SERVICE_KEY)).scope
    assert (await suspend(False)).suspended_at is None
    await refresh_session(store, issuer, revocations, refresh_token=grant.refresh_token, now=now)
    assert (await enter()).scope == "read write"


async def test_a_tenant_that_does_not_exist_cannot_be_suspended(suspend) -> None:
    with pytest.raises(NotFound, match="there is no tenant 'acme'"):
        await suspend(name="acme")


async def test_quotas_are_merged_and_the_change_is_in_the_audit_log(
    platform, store, revocations, add_user, now
) -> None:
    await add_user()
    who = {"by": caller(subject="service"), "name": "default", "now": now}
    await change_tenant(store, revocations, **who, quotas={"streams": 5, "jobs": 2})
    tenant = await change_tenant(store, revocations, **who, quotas={"jobs": None})
    assert (tenant.quotas, tenant.revision) == ({"streams": 5}, 2)
    entry = (await published(platform, "audit"))[-1]
    assert (entry.action, entry.details) == ("change quotas", {"streams": "5"})
