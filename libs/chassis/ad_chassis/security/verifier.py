"""Checks access tokens: signature by a known asymmetric key, type, issuer, audience, times, revocation."""

import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, JoseError

from ad_chassis.errors import Unauthenticated
from ad_chassis.security.jwks import AsymmetricKey, JwksSource
from ad_chassis.security.principal import Principal, from_claims

ALGORITHMS = ("ES256", "Ed25519")
TOKEN_TYPES = ("at+jwt", "application/at+jwt")
MAX_TOKEN_CHARACTERS = 8192
MAX_KNOWN = 10_000
IsRevoked = Callable[[str], Awaitable[bool]]


@dataclass(slots=True)
class Known:
    """A token that was verified, and with which key."""

    principal: Principal
    key_id: str
    key: AsymmetricKey
    asked_at: float = -math.inf
    """When it was last found not to be revoked."""


class TokenVerifier:
    """Turns the text of a token into a `Principal`, or raises `Unauthenticated` with a reason for the log.

    The signature of a token is verified once; its end, its key and its revocation are looked at each time, the last
    at most every `recheck_seconds`.
    """

    def __init__(
        self,
        keys: JwksSource,
        *,
        issuer: str,
        audience: str,
        is_revoked: IsRevoked | None = None,
        clock: Callable[[], float] = time.time,
        leeway_seconds: int = 5,
        recheck_seconds: float = 0.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys = keys
        self._is_revoked = is_revoked
        self._clock = clock
        self._leeway_seconds = leeway_seconds
        self._recheck_seconds = recheck_seconds
        self._monotonic = monotonic
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=leeway_seconds,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            nbf={"essential": True},
        )

    async def verify(self, token: str) -> Principal:
        known = self._known.get(token)
        if known is None or not await self._still_good(known):
            known = await self._verified(token)
        else:
            self._known.move_to_end(token)
        await self._check_revocation(token, known)
        return known.principal

    async def _still_good(self, known: Known) -> bool:
        ends_at = (known.principal.expires_at or 0) + self._leeway_seconds
        return self._clock() < ends_at and await self._keys.key(known.key_id) is known.key

    async def _verified(self, token: str) -> Known:
        self._known.pop(token, None)
        try:
            key_id, key = await self._key_of(token)
            claims = jwt.decode(token, key, algorithms=list(ALGORITHMS)).claims
            self._claims.validate(claims)
            known = Known(from_claims(claims), key_id, key)
        except ExpiredTokenError:
            raise refused("the token has expired; get a new one") from None
        except (JoseError, ValueError) as error:
            raise refused(f"the token is not valid: {_why(error)}; get a new one") from None
        self._known[token] = known
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)
        return known

    async def _check_revocation(self, token: str, known: Known) -> None:
        token_id, now = known.principal.token_id, self._monotonic()
        if self._is_revoked is None or not token_id or now < known.asked_at + self._recheck_seconds:
            return
        if await self._is_revoked(token_id):
            self._known.pop(token, None)
            raise refused("the token was revoked")
        known.asked_at = now

    async def _key_of(self, token: str) -> tuple[str, AsymmetricKey]:
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise ValueError("it is too long")
        header = jws.extract_compact(token.encode()).headers()
        if header.get("typ", "").lower() not in TOKEN_TYPES:
            raise ValueError("its type must be at+jwt")
        if header.get("alg") not in ALGORITHMS:
            raise ValueError(f"its algorithm must be one of {', '.join(ALGORITHMS)}")
        key_id = str(header.get("kid", ""))
        key = await self._keys.key(key_id)
        if key is None:
            raise ValueError("it was signed with an unknown key")
        return key_id, key


def _why(error: JoseError | ValueError) -> str:
    """Some errors of joserfc have a name and no description."""
    return (
        (error.description or error.error.replace("_", " ")) if isinstance(error, JoseError) else str(error)
    )


def refused(detail: str) -> Unauthenticated:
    """401 as RFC 6750 wants it."""
    return Unauthenticated(detail, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
