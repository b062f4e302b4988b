"""Tokens that must open nothing: each is a good one but for what its name says."""

import base64
import hmac
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

from tests.support.matrix.world import ATTACKER, CLOSED, VICTIM, World

Json = dict[str, Any]


def encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def decoded(part: str) -> Json:
    found: Json = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def claims_of(token: str) -> Json:
    return decoded(token.split(".")[1])


def signed(world: World, claims: Json | None = None, header: Json | None = None) -> str:
    """By the real key, with other claims or another header than the administrator's token has."""
    token = world.tokens[VICTIM]
    head = decoded(token.split(".")[0]) | (header or {})
    key = ECKey.import_key(world.signing_key)
    return jwt.encode(head, claims_of(token) | (claims or {}), key, algorithms=["ES256"])


async def expired(world: World) -> str:
    now = int(time.time())
    return signed(world, {"iat": now - 1000, "nbf": now - 1000, "exp": now - 100})


async def not_begun(world: World) -> str:
    return signed(world, {"nbf": int(time.time()) + 86_400})


async def without_an_end(world: World) -> str:
    claims = claims_of(world.tokens[VICTIM])
    del claims["exp"]
    head = decoded(world.tokens[VICTIM].split(".")[0])
    return jwt.encode(head, claims, ECKey.import_key(world.signing_key), algorithms=["ES256"])


async def wrong_audience(world: World) -> str:
    return signed(world, {"aud": "another_platform"})


async def wrong_issuer(world: World) -> str:
    return signed(world, {"iss": "https://issuer.example"})


async def wrong_type(world: World) -> str:
    return signed(world, header={"typ": "JWT"})


async def unsigned(world: World) -> str:
    _, payload, _ = world.tokens[VICTIM].split(".")
    header = decoded(world.tokens[VICTIM].split(".")[0]) | {"alg": "none"}
    return f"{encoded(json.dumps(header).encode())}.{payload}."


async def unsigned_in_other_letters(world: World) -> str:
    header, payload, signature = world.tokens[VICTIM].split(".")
    return f"{encoded(json.dumps(decoded(header) | {'alg': 'nOnE'}).encode())}.{payload}.{signature}"


async def key_confusion(world: World) -> str:
    """The public key as the secret of an HMAC: what a verifier does that believes the header."""
    header, payload, _ = world.tokens[VICTIM].split(".")
    head = encoded(json.dumps(decoded(header) | {"alg": "HS256"}).encode())
    public = ECKey.import_key(world.signing_key).as_pem(private=False)
    return f"{head}.{payload}.{encoded(hmac.digest(public, f'{head}.{payload}'.encode(), 'sha256'))}"


async def key_in_the_header(world: World) -> str:
    own = ECKey.generate_key("P-256")
    header = decoded(world.tokens[VICTIM].split(".")[0]) | {"jwk": own.as_dict(private=False)}
    return jwt.encode(header, claims_of(world.tokens[VICTIM]), own, algorithms=["ES256"])


async def unknown_key(world: World) -> str:
    own = ECKey.generate_key("P-256")
    header = decoded(world.tokens[VICTIM].split(".")[0]) | {"kid": "../../../../dev/null"}
    return jwt.encode(header, claims_of(world.tokens[VICTIM]), own, algorithms=["ES256"])


async def tampered(world: World) -> str:
    """The attacker's own token, with the victim's tenant written into it."""
    header, payload, signature = world.tokens[ATTACKER].split(".")
    changed = json.dumps(decoded(payload) | {"tenant": VICTIM}).encode()
    return f"{header}.{encoded(changed)}.{signature}"


async def other_signature(world: World) -> str:
    own, others = world.tokens[VICTIM].split("."), world.tokens[ATTACKER].split(".")
    return ".".join([*own[:2], others[2]])


async def refresh_token(world: World) -> str:
    return await world.refresh_token()


async def revoked(world: World) -> str:
    token = await world.token(VICTIM)
    answer = await world.doors["auth"].post("/api/v1/auth/revoke", data={"token": token})
    assert answer.is_success, answer.text
    return token


async def suspended_tenant(world: World) -> str:
    """Got before the suspension."""
    return world.tokens[CLOSED]


async def nothing_at_all(_world: World) -> str | None:
    return None


async def something_else(_world: World) -> str:
    return "Bearer of.good.news"


TOKENS: Mapping[str, Callable[[World], Awaitable[str | None]]] = {
    "no token": nothing_at_all,
    "no token at all": something_else,
    "expired": expired,
    "not begun": not_begun,
    "no end": without_an_end,
    "wrong audience": wrong_audience,
    "wrong issuer": wrong_issuer,
    "wrong type": wrong_type,
    "alg none": unsigned,
    "alg nOnE": unsigned_in_other_letters,
    "key confusion": key_confusion,
    "key in the header": key_in_the_header,
    "unknown key": unknown_key,
    "tampered": tampered,
    "another token's signature": other_signature,
    "refresh token as access token": refresh_token,
    "revoked": revoked,
    "suspended tenant": suspended_tenant,
}


async def forged(world: World) -> dict[str, str | None]:
    """Every bad token, made once."""
    return {name: await make(world) for name, make in TOKENS.items()}
