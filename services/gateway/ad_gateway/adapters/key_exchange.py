"""API keys as bearer tokens: exchanged for an access token at the edge, so that no service behind ever sees one."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from ad_chassis.errors import Unauthenticated
from ad_chassis.http import ServiceClient
from ad_chassis.security.token_source import parse_api_key

KEY_PREFIX = "ad_"
NOBODY = ""
"""Says that the call speaks for the caller, so that a refusal is the caller's and no fault of ours."""
KEPT = 10_000
LONGEST_SECONDS = 60.0
Verify = Callable[[str], Awaitable[object]]
"""Raises `Unauthenticated` for a token that is not good any more, such as one of a key that was changed or removed."""


class KeyExchange:
    def __init__(
        self, auth: ServiceClient, verify: Verify, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._auth = auth
        self._verify = verify
        self._clock = clock
        self._tokens: OrderedDict[bytes, tuple[str, float]] = OrderedDict()

    async def access_token(self, bearer: str) -> str:
        """The bearer itself, unless it is an API key. Raises `Unauthenticated` for a key that is not good."""
        if not bearer.startswith(KEY_PREFIX):
            return bearer
        digest = hashlib.sha256(bearer.encode()).digest()
        token, until = self._tokens.get(digest, ("", 0.0))
        if self._clock() < until and await self._good(token):
            return token
        key_id, secret = parse_api_key(bearer)
        form = {"grant_type": "client_credentials", "client_id": key_id, "client_secret": secret}
        answer = (await self._auth.post("/api/v1/auth/token", data=form, token=NOBODY)).json()
        lifetime = min(float(answer["expires_in"]) / 2, LONGEST_SECONDS)
        self._tokens[digest] = (str(answer["access_token"]), self._clock() + lifetime)
        while len(self._tokens) > KEPT:
            self._tokens.popitem(last=False)
        return self._tokens[digest][0]

    async def _good(self, token: str) -> bool:
        """A key that was given another role gets a token that says so, instead of a refusal of the old one."""
        try:
            await self._verify(token)
        except Unauthenticated:
            return False
        return True
