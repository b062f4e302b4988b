"""Keys that sign."""

import asyncio
import itertools
from datetime import datetime, timedelta

import pytest
from joserfc import jws

from ad_auth.adapters.signing import TokenSigner, make_signing_key
from ad_auth.adapters.sql_signing_keys import SqlSigningKeys
from ad_auth.domain.signing_keys import Schedule
from ad_auth.usecases.rotate_signing_key import rotate_signing_key
from ad_chassis.security import Principal
from ad_chassis.security.jwks import JwksSource
from ad_chassis.security.verifier import TokenVerifier

MAX_AGE, MINUTE = timedelta(days=90), timedelta(minutes=1)
AHEAD = 60 * MINUTE
SCHEDULE = Schedule(MAX_AGE, AHEAD)


@pytest.fixture
def keys(database):
    return SqlSigningKeys(database)


async def rotate(keys, now, algorithm="ES256"):
    return await rotate_signing_key(keys, make_signing_key, algorithm=algorithm, now=now, schedule=SCHEDULE)


async def test_many_that_start_at_once_share_one_key(keys, now) -> None:
    await asyncio.gather(*(rotate(keys, now) for _ in range(5)))
    assert [key.generation for key in await keys.all()] == [1]
    assert not await rotate(keys, now)


@pytest.mark.parametrize(("later", "algorithm"), [(MAX_AGE - AHEAD, "ES256"), (MINUTE, "Ed25519")])
async def test_an_old_key_or_one_of_another_algorithm_is_followed_by_another(
    keys, now, later, algorithm
) -> None:
    await rotate(keys, now)
    assert await rotate(keys, now + later, algorithm)
    first, second = await keys.all()
    assert (first.retired_at, second.retired_at) == (now + later + AHEAD, None)
    assert (first.signs_from, second.signs_from) == (now, now + later + AHEAD)
    assert (second.generation, second.algorithm) == (2, algorithm)
    assert first.id != second.id


async def test_tokens_of_the_key_before_are_good_until_they_end(keys, now) -> None:
    await rotate(keys, now)
    lifetime, ticks = 15 * MINUTE, iter(range(0, 1000, 100))
    signer = TokenSigner(
        keys, issuer="i", audience="a", access_lifetime=lifetime, clock=lambda: float(next(ticks))
    )
    principal = Principal("s", "default", frozenset({"read"}), "user", "id")
    old = await signer.sign(principal, now=now, lifetime=lifetime)
    await rotate(keys, now - AHEAD, "Ed25519")
    new = await signer.sign(principal, now=now, lifetime=lifetime)
    assert [key["alg"] for key in (await signer.key_set(now))["keys"]] == ["ES256", "Ed25519"]

    def verifier(at):
        source = JwksSource(lambda: signer.key_set(at), min_interval_seconds=0)
        return TokenVerifier(source, issuer="i", audience="a", clock=at.timestamp)

    for token in (old, new):
        assert (await verifier(now + 14 * MINUTE).verify(token)).subject == "s"
    shown = await signer.key_set(now + 17 * MINUTE)
    assert [key["alg"] for key in shown["keys"]] == ["Ed25519"]


async def test_only_public_parts_are_published(keys, now) -> None:
    for algorithm in ("ES256", "Ed25519"):
        await rotate(keys, now, algorithm)
    signer = TokenSigner(keys, issuer="i", audience="a", access_lifetime=MINUTE)
    shown = (await signer.key_set(now))["keys"]
    assert len(shown) == 2
    assert all("d" not in key and key["use"] == "sig" and key["kid"] for key in shown)


async def test_verifiers_that_keep_the_key_set_refuse_no_token_while_keys_change_under_load(
    keys, now
) -> None:
    """They ask again after five minutes, and never for a key that they do not know."""
    await rotate(keys, now)
    clock = [0.0]
    lifetime = 15 * MINUTE
    signer = TokenSigner(keys, issuer="i", audience="a", access_lifetime=lifetime, clock=lambda: clock[0])

    def at() -> datetime:
        return now + timedelta(seconds=clock[0])

    def verifier() -> TokenVerifier:
        source = JwksSource(
            lambda: signer.key_set(at()),
            min_interval_seconds=299,
            max_age_seconds=300,
            clock=lambda: clock[0],
        )
        return TokenVerifier(source, issuer="i", audience="a", clock=lambda: at().timestamp())

    principal = Principal("s", "default", frozenset({"read"}), "user", "id")
    verifiers, signed, seen = [verifier() for _ in range(5)], [], set()
    for minute in range(3 * 60):
        clock[0] = minute * 60.0
        await rotate(keys, at(), "Ed25519" if minute >= 30 else "ES256")
        token = await signer.sign(principal, now=at(), lifetime=lifetime)
        signed = [*signed[-14:], token]
        seen.add(jws.extract_compact(token.encode()).headers()["alg"])
        # One begins after the other, so that in every minute one has just asked.
        asking = verifiers[: minute + 1]
        for each, old in itertools.product(asking, signed):
            assert (await each.verify(old)).subject == "s"
    assert seen == {"ES256", "Ed25519"}
    assert [key["alg"] for key in (await signer.key_set(at()))["keys"]] == ["Ed25519"]
