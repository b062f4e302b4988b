"""The public keys of the auth service, kept and fetched again when an unknown one turns up."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey

from ad_chassis.errors import PlatformError, Unavailable
from ad_chassis.logs import get_logger

AsymmetricKey = ECKey | OKPKey
FetchKeys = Callable[[], Awaitable[dict[str, Any]]]
log = get_logger("security")
FAILURE_SECONDS = 1.0
"""So long nobody asks again after a failure, or each garbage token would wait for its own."""


class JwksSource:
    """Fetches at most once per `min_interval_seconds`, so that garbage tokens cannot flood the auth service.

    After `max_age_seconds` the keys are fetched again, so that a withdrawn one ends; while auth does not
    answer, those that are known go on, and whoever has one waits for `patience_seconds` at most.
    """

    def __init__(
        self,
        fetch: FetchKeys,
        *,
        min_interval_seconds: float = 5.0,
        max_age_seconds: float = 300.0,
        patience_seconds: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._min_interval_seconds = min_interval_seconds
        self._max_age_seconds = max_age_seconds
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._keys: dict[str, AsymmetricKey] = {}
        self._asked_at = -math.inf
        self._failed_at = -math.inf
        self._lock = asyncio.Lock()

    async def key(self, key_id: str) -> AsymmetricKey | None:
        """The key, after one more fetch when it is not known yet or known for long."""
        known = key_id in self._keys
        # Whoever has a known key goes on with it while another asks, perhaps because of garbage.
        if self._wants_fetch(key_id) and not (known and self._lock.locked()):
            async with self._lock:
                if self._wants_fetch(key_id):
                    await (self._renew() if known else self._learn())
        return self._keys.get(key_id)

    def _wants_fetch(self, key_id: str) -> bool:
        age = self._clock() - self._asked_at
        return age >= (self._max_age_seconds if key_id in self._keys else self._min_interval_seconds)

    async def _renew(self) -> None:
        try:
            async with asyncio.timeout(self._patience_seconds):
                self._keys = parse_keys(await self._fetch())
        except (PlatformError, ValueError, TimeoutError) as error:
            log.warning(
                "the keys of auth could not be fetched again; the known ones go on", error=repr(error)
            )
        self._asked_at = self._clock()

    async def _learn(self) -> None:
        if self._clock() - self._failed_at < FAILURE_SECONDS:
            raise Unavailable(
                "auth does not answer, and only it knows the key of this token; try again shortly"
            )
        try:
            self._keys = parse_keys(await self._fetch())
        except (PlatformError, ValueError):
            self._failed_at = self._clock()
            raise
        self._asked_at = self._clock()


def parse_keys(document: dict[str, Any]) -> dict[str, AsymmetricKey]:
    """Public signing keys by id. A symmetric key is never taken, whatever the document says."""
    usable = [key for key in document.get("keys", ()) if key.get("kty") in ("EC", "OKP") and key.get("kid")]
    if not usable:
        return {}
    try:
        keys = KeySet.import_key_set({"keys": usable}).keys
    except JoseError as error:
        raise ValueError(f"the key set cannot be read: {error}") from error
    return {str(key.kid): key for key in keys if isinstance(key, ECKey | OKPKey)}
