"""Only tokens that auth signed, for us, now, and as access tokens, are taken."""

import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest

from ad_chassis.errors import Unauthenticated
from ad_chassis.security import Principal, TokenVerifier
from ad_chassis.security.jwks import JwksSource
from ad_chassis.security.permissions import SCOPES
from ad_chassis.testing import FakeAuth

NOW = 1_800_000_000


def fake_auth(**options: Any) -> FakeAuth:
    return FakeAuth(clock=lambda: NOW, **options)


async def refusal(verifier: TokenVerifier, token: str) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await verifier.verify(token)
    assert caught.value.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    return caught.value.detail


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return ".".join(
        [
            *(
                urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
                for part in (header, claims)
            ),
            "",
        ]
    )


@pytest.mark.parametrize("algorithm", ["ES256", "Ed25519"])
async def test_a_good_token_gives_its_principal(algorithm: str) -> None:
    auth = fake_auth(algorithm=algorithm)
    token = auth.token(tenant="acme", permissions={"read"}, subject="ann", kind="user")
    principal = await auth.verifier().verify(token)
    assert principal == Principal("ann", "acme", SCOPES["read"], "user", principal.token_id, NOW + 900)
    assert principal.may("streams:read")
    assert not principal.may("streams:write")


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": NOW - 6}, "expired"),
        ({"nbf": NOW + 60}, "not valid"),
        ({"aud": "another"}, "aud"),
        ({"aud": ["another", "third"]}, "aud"),
        ({"iss": "https://evil.example"}, "iss"),
        ({"aud": None}, "aud"),
        ({"iss": None}, "iss"),
        ({"exp": None}, "exp"),
        ({"exp": "tomorrow"}, "exp"),
        ({"nbf": None}, "nbf"),
        ({"tenant": None}, "tenant"),
        ({"kind": "root"}, "kind"),
        ({"scope": ["read"]}, "scope"),
        ({"sub": None}, "sub"),
        ({"jti": None}, "jti"),
    ],
)
async def test_a_token_with_a_wrong_claim_is_refused(claims: dict[str, Any], reason: str) -> None:
    auth = fake_auth()
    assert reason in await refusal(auth.verifier(), auth.token(**claims))


@pytest.mark.parametrize("typ", ["JWT", "rt+jwt", ""])
async def test_a_token_of_another_type_is_refused(typ: str) -> None:
    auth = fake_auth()
    assert "at+jwt" in await refusal(auth.verifier(), auth.token(header={"typ": typ}))


async def test_a_token_without_a_signature_is_refused() -> None:
    auth = fake_auth()
    claims = {"iss": auth.issuer, "aud": auth.audience, "exp": NOW + 900, "sub": "x", "tenant": "default"}
    for algorithm in ("none", "None", "NONE"):
        token = unsigned({"alg": algorithm, "typ": "at+jwt", "kid": auth.key.kid}, claims)
        assert "algorithm" in await refusal(auth.verifier(), token)


async def test_a_token_signed_with_the_public_key_as_a_shared_secret_is_refused() -> None:
    auth = fake_auth()
    header = {"alg": "HS256", "typ": "at+jwt", "kid": auth.key.kid}
    signed = unsigned(header, {"sub": "x"}).rstrip(".")
    # Made by hand: joserfc itself refuses to sign with a public key.
    mac = hmac.digest(auth.key.as_pem(private=False), signed.encode(), "sha256")
    forged = f"{signed}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    assert "algorithm" in await refusal(auth.verifier(), forged)


async def test_a_token_of_an_unknown_key_is_refused() -> None:
    auth = fake_auth()
    assert "unknown key" in await refusal(auth.verifier(), fake_auth().token())


async def test_a_token_that_names_our_key_but_was_signed_with_another_is_refused() -> None:
    auth, thief = fake_auth(), fake_auth()
    assert "not valid" in await refusal(auth.verifier(), thief.token(header={"kid": auth.key.kid}))


async def test_a_token_that_brings_its_own_key_is_refused() -> None:
    auth, thief = fake_auth(), fake_auth()
    header = {"jwk": thief.key.as_dict(private=False), "kid": thief.key.kid}
    assert "unknown key" in await refusal(auth.verifier(), thief.token(header=header))


@pytest.mark.parametrize("change", ["payload", "signature"])
async def test_a_token_that_was_changed_is_refused(change: str) -> None:
    auth = fake_auth()
    header, payload, signature = auth.token(permissions={"read"}).split(".")
    _, other, _ = auth.token(permissions={"admin"}).split(".")
    forged = [header, other, signature] if change == "payload" else [header, payload, signature[::-1]]
    assert "not valid" in await refusal(auth.verifier(), ".".join(forged))


@pytest.mark.parametrize(
    "garbage",
    ["", "x", "a.b", "a.b.c", "....", "é.é.é", "eyJhbGciOiJFUzI1NiJ9.e30.", "x" * 10_000, "[].[].[]"],
)
async def test_garbage_is_refused(garbage: str) -> None:
    assert "not valid" in await refusal(fake_auth().verifier(), garbage)


async def test_a_revoked_token_is_refused() -> None:
    auth = fake_auth()

    async def revoked(token_id: str) -> bool:
        return True

    assert "revoked" in await refusal(auth.verifier(is_revoked=revoked), auth.token())


async def test_permissions_that_nobody_knows_are_dropped() -> None:
    auth = fake_auth()
    principal = await auth.verifier().verify(auth.token(scope="read fly"))
    assert principal.permissions == SCOPES["read"]


async def test_a_rotated_key_is_fetched_when_it_first_turns_up() -> None:
    auth = fake_auth()
    verifier, old = auth.verifier(), auth.token()
    await verifier.verify(old)
    auth.rotate()
    await verifier.verify(auth.token())
    await verifier.verify(old)
    assert auth.fetches == 2


async def test_unknown_keys_cannot_make_us_flood_the_auth_service() -> None:
    auth, now = fake_auth(), 0.0
    keys = JwksSource(auth.jwks, min_interval_seconds=5, clock=lambda: now)
    verifier = TokenVerifier(keys, issuer=auth.issuer, audience=auth.audience, clock=lambda: NOW)
    for _ in range(20):
        await refusal(verifier, fake_auth().token())
    assert auth.fetches == 1
    auth.rotate()
    now = 6.0
    await verifier.verify(auth.token())
    assert auth.fetches == 2
