"""API keys as bearer tokens: exchanged for an access token at the edge, so that no service behind ever sees one.

A key that was seen goes on while auth is away or refuses more, until the token ends that was got for it last.
"""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import structlog

from ad_chassis.errors import BadGateway, TooManyRequests, Unauthenticated, Unavailable
from ad_chassis.http import ServiceClient
from ad_chassis.security.token_source import parse_api_key

KEY_PREFIX = "ad_"
NOBODY = ""
"""Says that the call speaks for the caller, so that a refusal is the caller's and no fault of ours."""
KEPT = 10_000
LONGEST_SECONDS = 60.0
PATIENCE_SECONDS = 2.0
"""For a new token, where there is one that is still good."""
AGAIN_SECONDS = 5.0
log = structlog.get_logger(__name__)
Verify = Callable[[str], Awaitable[object]]
"""Raises `Unauthenticated` for a token that is not good any more, such as one of a key that was changed or removed."""


@dataclass(slots=True)
class Held:
    """The token that was got for a key: when to get the next, and when it ends."""

    token: str
    renew_at: float
    ends_at: float


class KeyExchange:
    def __init__(
        self, auth: ServiceClient, verify: Verify, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._auth = auth
        self._verify = verify
        self._clock = clock
        self._tokens: OrderedDict[bytes, Held] = OrderedDict()
        self._under_way: dict[bytes, asyncio.Task[str]] = {}

    async def access_token(self, bearer: str) -> str:
        """The bearer itself, unless it is an API key. Raises `Unauthenticated` for a key that is not good."""
        if not bearer.startswith(KEY_PREFIX):
            return bearer
        digest = hashlib.sha256(bearer.encode()).digest()
        held = self._tokens.get(digest)
        if held is None or self._clock() >= held.ends_at or not await self._good(held.token):
            return await self._exchanged(bearer, digest)
        if self._clock() >= held.renew_at:
            return await self._renewed(bearer, digest, held)
        return held.token

    async def _renewed(self, bearer: str, digest: bytes, held: Held) -> str:
        # One asks; the others go on meanwhile with what there is.
        held.renew_at = self._clock() + AGAIN_SECONDS
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self._exchanged(bearer, digest)
        except (Unavailable, BadGateway, TooManyRequests, TimeoutError) as error:
            log.warning("auth gives no new token; a key goes on with its last one", reason=repr(error))
            return held.token

    async def _exchanged(self, bearer: str, digest: bytes) -> str:
        """Calls that come while one asks wait for its answer, which goes on for them when that one is gone."""
        asking = self._under_way.get(digest)
        if asking is None:
            asking = self._under_way[digest] = asyncio.create_task(self._asked(bearer, digest))
            asking.add_done_callback(partial(self._ended, digest))
        return await asyncio.shield(asking)

    def _ended(self, digest: bytes, asking: asyncio.Task[str]) -> None:
        del self._under_way[digest]
        if not asking.cancelled():
            # Looked at, as nobody may wait for it any more.
            asking.exception()

    async def _asked(self, bearer: str, digest: bytes) -> str:
        key_id, secret = parse_api_key(bearer)
        form = {"grant_type": "client_credentials", "client_id": key_id, "client_secret": secret}
        try:
            answer = (await self._auth.post("/api/v1/auth/token", data=form, token=NOBODY)).json()
        except Unauthenticated:
            self._tokens.pop(digest, None)
            raise
        token, lifetime, now = str(answer["access_token"]), float(answer["expires_in"]), self._clock()
        self._tokens[digest] = Held(token, now + min(lifetime / 2, LONGEST_SECONDS), now + lifetime)
        while len(self._tokens) > KEPT:
            self._tokens.popitem(last=False)
        return token

    async def _good(self, token: str) -> bool:
        """A key that was given another role gets a token that says so, instead of a refusal of the old one."""
        try:
            await self._verify(token)
        except Unauthenticated:
            return False
        return True
