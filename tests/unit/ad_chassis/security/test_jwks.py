"""Keys are fetched when needed, again after a while, and never too often."""

from typing import Any

import pytest
from joserfc.jwk import ECKey

from ad_chassis.errors import Unavailable
from ad_chassis.security.jwks import JwksSource, parse_keys
from ad_chassis.testing import FakeAuth


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def test_a_withdrawn_key_ends_when_the_keys_are_fetched_again() -> None:
    auth, clock = FakeAuth(), Clock()
    old = str(auth.key.kid)
    keys = JwksSource(auth.jwks, max_age_seconds=300, clock=clock)
    assert await keys.key(old) is not None
    auth.rotate()
    auth.withdraw(old)
    clock.seconds = 299
    assert await keys.key(old) is not None
    clock.seconds = 301
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
    down, clock.seconds = True, 1000
    assert await keys.key(str(auth.key.kid)) is not None
    clock.seconds = 2000
    with pytest.raises(Unavailable):
        await keys.key("unknown")


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
