"""The public keys of the auth service, kept and fetched again when an unknown one turns up."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey

from ad_chassis.errors import PlatformError
from ad_chassis.logs import get_logger

AsymmetricKey = ECKey | OKPKey
FetchKeys = Callable[[], Awaitable[dict[str, Any]]]
log = get_logger("security")


class JwksSource:
    """Fetches at most once per `min_interval_seconds`, so that garbage tokens cannot flood the auth service.

    After `max_age_seconds` the keys are fetched again, so that a withdrawn one ends; while auth does not
    answer, those that are known go on.
    """

    def __init__(
        self,
        fetch: FetchKeys,
        *,
        min_interval_seconds: float = 5.0,
        max_age_seconds: float = 300.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._min_interval_seconds = min_interval_seconds
        self._max_age_seconds = max_age_seconds
        self._clock = clock
        self._keys: dict[str, AsymmetricKey] = {}
        self._asked_at = -math.inf
        self._lock = asyncio.Lock()

    async def key(self, key_id: str) -> AsymmetricKey | None:
        """The key, after one more fetch when it is not known yet or known for long."""
        if self._wants_fetch(key_id):
            async with self._lock:
                if self._wants_fetch(key_id):
                    await self._refresh(known=key_id in self._keys)
        return self._keys.get(key_id)

    def _wants_fetch(self, key_id: str) -> bool:
        age = self._clock() - self._asked_at
        return age >= (self._max_age_seconds if key_id in self._keys else self._min_interval_seconds)

    async def _refresh(self, *, known: bool) -> None:
        try:
            self._keys = parse_keys(await self._fetch())
        except (PlatformError, ValueError) as error:
            if not known:
                raise
            log.warning("the keys of auth could not be fetched again; the known ones go on", error=str(error))
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
