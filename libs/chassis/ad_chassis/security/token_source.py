"""Where a service gets the tokens that it sends to other services."""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from ad_chassis.errors import SettingsError, Unauthenticated

EXPIRY_MARGIN_SECONDS = 30.0
ENVIRONMENT = re.compile(r"[a-z]{2,12}")
MADE_ID = re.compile(r"[0-9a-f]{16}")
KEY_FORM = "an API key reads ad_<environment>_<id>_<secret>, or ad_<id>_<secret>"
RequestToken = Callable[[dict[str, str]], Awaitable[dict[str, Any]]]


class TokenSource(Protocol):
    async def token(self) -> str | None:
        """A token that is valid now; None to send none."""

    def forget(self) -> None:
        """The token was refused: the next one must be new."""


class StaticTokenSource:
    """Always the same token, such as that of a user on whose behalf a call is made."""

    def __init__(self, token: str | None) -> None:
        self._token = token

    async def token(self) -> str | None:
        return self._token

    def forget(self) -> None:
        self._token = None


class ServiceTokenSource:
    """Exchanges the service's API key for access tokens and keeps each until shortly before it expires."""

    def __init__(
        self,
        request_token: RequestToken,
        service_key: Callable[[], str | None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._request_token = request_token
        self._service_key = service_key
        self._clock = clock
        self._lock = asyncio.Lock()
        self._token: str | None = None
        self._renew_at = 0.0

    async def token(self) -> str | None:
        async with self._lock:
            if self._token is None or self._clock() >= self._renew_at:
                await self._renew()
            return self._token

    def forget(self) -> None:
        self._token = None

    async def _renew(self) -> None:
        key = self._service_key()
        if key is None:
            raise SettingsError(
                "ANOMALY_DETECTION_SERVICE_KEY is not set: the key with which services log in at auth"
            )
        key_id, secret = parse_api_key(key)
        answer = await self._request_token(
            {"grant_type": "client_credentials", "client_id": key_id, "client_secret": secret}
        )
        lifetime = float(answer.get("expires_in", 60))
        self._token = str(answer["access_token"])
        self._renew_at = self._clock() + max(lifetime - EXPIRY_MARGIN_SECONDS, lifetime / 2)


def parse_api_key(text: str) -> tuple[str, str]:
    """Id and secret of an API key, which reads `ad_<environment>_<id>_<secret>`, or of old `ad_<id>_<secret>`."""
    match text.strip().split("_", 3):
        case ["ad", environment, key_id, secret] if ENVIRONMENT.fullmatch(environment) and MADE_ID.fullmatch(
            key_id
        ):
            pass
        case ["ad", key_id, *rest]:
            secret = "_".join(rest)
        case _:
            raise Unauthenticated(KEY_FORM)
    if not key_id or not secret:
        raise Unauthenticated(KEY_FORM)
    return key_id, secret


def format_api_key(key_id: str, secret: str, environment: str | None = None) -> str:
    return f"ad_{key_id}_{secret}" if environment is None else f"ad_{environment}_{key_id}_{secret}"
