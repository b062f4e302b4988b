"""Keys are fetched when needed, again after a while, and never too often."""

import asyncio
from typing import Any

import pytest
from joserfc.jwk import ECKey

from ad_chassis.errors import Unavailable
from ad_chassis.security.jwks import JwksSource, parse_keys
from ad_chassis.testing import FakeAuth
from tests.support.clock import Clock


async def test_a_withdrawn_key_ends_when_the_keys_are_fetched_again() -> None:
    auth, clock = FakeAuth(), Clock()
    old = str(auth.key.kid)
    keys = JwksSource(auth.jwks, max_age_seconds=300, clock=clock)
    assert await keys.key(old) is not None
    auth.rotate()
    auth.withdraw(old)
    clock.now = 299
    assert await keys.key(old) is not None
    clock.now = 301
    assert await keys.key(old) is None
    assert auth.fetches == 2


async def test_known_keys_go_on_while_auth_does_not_answer_and_unknown_ones_do_not() -> None:
    auth, clock, down = FakeAuth(), Clock(), False

    async def fetch() -> dict[str, Any]:
        if down:
            raise Unavailable("auth is down")
        return await auth.jwks()

    keys = JwksSource(fetch, max_age_seconds=300, clock=clock)
    assert await keys.key(str(auth.key.kid)) is not None
    down, clock.now = True, 1000
    assert await keys.key(str(auth.key.kid)) is not None
    clock.now = 2000
    with pytest.raises(Unavailable):
        await keys.key("unknown")


async def test_while_auth_hangs_a_known_key_waits_for_a_moment_and_not_behind_an_unknown_one() -> None:
    auth, clock, hangs, asked = FakeAuth(), Clock(), asyncio.Event(), 0

    async def fetch() -> dict[str, Any]:
        nonlocal asked
        asked += 1
        if clock.now:
            await hangs.wait()
        return await auth.jwks()

    known = str(auth.key.kid)
    keys = JwksSource(fetch, max_age_seconds=300, patience_seconds=0.01, clock=clock)
    assert await keys.key(known) is not None
    clock.now = 1000
    unknown = asyncio.create_task(keys.key("unknown"))
    async with asyncio.timeout(5):
        while asked < 2:
            await asyncio.sleep(0)
        assert await keys.key(known) is not None
        hangs.set()
        assert await unknown is None
        hangs.clear()
        clock.now = 2000
        assert await keys.key(known) is not None
    assert asked == 3


async def test_after_a_failure_nobody_asks_for_an_unknown_key_for_a_second() -> None:
    clock, asked = Clock(), 0

    async def fetch() -> dict[str, Any]:
        nonlocal asked
        asked += 1
        raise Unavailable("auth is down")

    keys = JwksSource(fetch, clock=clock)
    for number in range(5):
        with pytest.raises(Unavailable):
            await keys.key(f"unknown {number}")
    assert asked == 1
    clock.now = 1.0
    with pytest.raises(Unavailable, match="auth is down"):
        await keys.key("unknown")
    assert asked == 2


async def test_a_key_set_never_yields_a_symmetric_key() -> None:
    good = ECKey.generate_key("P-256", {"kid": "good"})

    async def fetch() -> dict[str, Any]:
        shared = {"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQ", "kid": "shared"}
        return {"keys": [shared, good.as_dict(private=False)]}

    keys = JwksSource(fetch, min_interval_seconds=0)
    assert await keys.key("shared") is None
    assert await keys.key("good") is not None


@pytest.mark.parametrize("document", [{}, {"keys": []}, {"keys": [{"kty": "EC"}]}])
def test_a_document_without_usable_keys_yields_none(document: dict[str, Any]) -> None:
    assert parse_keys(document) == {}


def test_a_broken_key_is_said_to_be_one() -> None:
    with pytest.raises(ValueError, match="the key set cannot be read"):
        parse_keys({"keys": [{"kty": "EC", "kid": "x", "crv": "P-256", "x": "AA"}]})
