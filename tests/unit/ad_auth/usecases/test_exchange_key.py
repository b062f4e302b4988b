"""API keys and the key of the services."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from ad_auth.domain.refusals import InvalidClient
from ad_auth.usecases.create_key import create_key
from ad_auth.usecases.exchange_key import exchange_key
from ad_chassis.database import EVERY_TENANT
from ad_chassis.security.token_source import parse_api_key
from tests.support.callers import caller
from tests.support.registry import published

HOUR = timedelta(hours=1)
SERVICE_KEY = "ad_service_a-long-secret"


@pytest.fixture
def exchange(store, issuer, now):
    async def exchange(key_id, secret, at=now, service_key=SERVICE_KEY, **more):
        what = {"key_id": key_id, "secret": secret, "now": at} | more
        return await exchange_key(store, issuer, service_key, **what)

    return exchange


@pytest.fixture
async def key(store, now):
    found, text = await create_key(
        store, by=caller(), name="loader", role="viewer", environment="test", now=now, expires_at=now + HOUR
    )
    return found, *parse_api_key(text)


async def test_a_key_gives_a_token_without_a_refresh_token_and_remembers_its_use(
    store, exchange, key, now
) -> None:
    found, key_id, secret = key
    grant = await exchange(key_id, secret)
    assert (grant.scope, grant.tenant, grant.refresh_token) == ("read", "default", None)
    async with store.transaction(EVERY_TENANT) as work:
        assert (await work.api_key(found.id)).last_used_at == now


async def failures(platform) -> list[tuple[str, str, str]]:
    entries = [entry for entry in await published(platform, "audit") if entry.outcome == "failed"]
    return [(entry.tenant, entry.subject, entry.details["reason"]) for entry in entries]


async def test_a_wrong_an_unknown_and_an_expired_key_get_the_same_answer(
    platform, exchange, key, now
) -> None:
    found, key_id, secret = key
    tries = [(key_id, "wrong"), ("nobody", secret), (key_id, secret, now + HOUR), ("a_b\x00", secret)]
    for each in tries:
        with pytest.raises(InvalidClient, match="the API key is unknown, expired or wrong"):
            await exchange(*each)
    assert await failures(platform) == [
        ("default", found.id, "wrong secret"),
        ("default", found.id, "expired"),
    ]


async def test_an_unknown_key_is_in_nobodys_audit_log_but_counted_and_logged_with_its_address(
    platform, exchange
) -> None:
    with capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(InvalidClient):
                await exchange("nobody", "wrong", address="192.0.2.7")
    assert await failures(platform) == []
    lines = [line for line in logs if line["event"] == "api key refused"]
    assert [(line["key_id"], line["reason"], line["address"]) for line in lines] == [
        ("unknown", "unknown", "192.0.2.7")
    ] * 3


async def test_who_knows_the_id_of_a_key_cannot_fill_the_audit_log(platform, exchange, key, now) -> None:
    _, key_id, secret = key
    for at in (now, now + HOUR / 2):
        for _ in range(30):
            with pytest.raises(InvalidClient):
                await exchange(key_id, "wrong", at)
    assert len(await failures(platform)) == 20
    assert (await exchange(key_id, secret)).scope == "read"


async def test_the_service_key_gives_a_token_with_all_permissions(exchange) -> None:
    grant = await exchange("service", "a-long-secret")
    assert grant.scope == "admin platform read write"


@pytest.mark.parametrize(
    ("key_id", "secret", "service_key"),
    [
        ("service", "a-long-secret", None),
        ("service", "a-long-secret", ""),
        ("service", "another", SERVICE_KEY),
        ("", "", SERVICE_KEY),
    ],
)
async def test_nothing_but_the_service_key_is_the_service_key(exchange, key_id, secret, service_key) -> None:
    with pytest.raises(InvalidClient):
        await exchange(key_id, secret, service_key=service_key)


async def test_a_client_that_takes_a_key_apart_at_its_first_underscores_gets_in(exchange, store, now) -> None:
    _, text = await create_key(store, by=caller(), name="k", role="viewer", environment="dev", now=now)
    _, first, rest = text.split("_", 2)
    assert first == "dev"
    assert (await exchange(first, rest)).scope == "read"


async def test_a_key_from_before_environments_goes_on(exchange, key) -> None:
    found, _, secret = key
    assert (await exchange(found.id, secret)).scope == "read"
