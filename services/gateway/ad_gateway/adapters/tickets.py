"""One-time tickets for the live feed, in the cache that all gateways share."""

import hashlib
import secrets

import msgspec
from joserfc import jwe
from joserfc.jwk import OctKey

from ad_chassis.cache import Cache
from ad_gateway.ports import Pass

PREFIX = "gateway:ticket:"
TICKET_BYTES = 32
TICKET_CHARACTERS = 43
SEALED = {"alg": "dir", "enc": "A256GCM"}


class CachedTickets:
    """Who reads the cache finds neither a ticket nor a token: both are sealed with what only the client has."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def issue(self, held: Pass, seconds: float) -> str:
        ticket = secrets.token_urlsafe(TICKET_BYTES)
        sealed = jwe.encrypt_compact(SEALED, msgspec.json.encode(held), _key(ticket))
        await self._cache.set(_place(ticket), sealed.encode(), seconds)
        return ticket

    async def redeem(self, ticket: str) -> Pass | None:
        if len(ticket) != TICKET_CHARACTERS:
            return None
        sealed = await self._cache.take(_place(ticket))
        if sealed is None:
            return None
        plain = jwe.decrypt_compact(sealed, _key(ticket)).plaintext
        return msgspec.json.decode(plain or b"", type=Pass)


def _place(ticket: str) -> str:
    return PREFIX + hashlib.sha256(b"place:" + ticket.encode()).hexdigest()


def _key(ticket: str) -> OctKey:
    return OctKey.import_key(hashlib.sha256(b"key:" + ticket.encode()).digest())
