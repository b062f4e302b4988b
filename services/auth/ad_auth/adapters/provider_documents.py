"""What an external provider publishes of itself: kept for an hour when it is good, and for a moment when it is not."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

import httpx2

from ad_chassis.errors import Unavailable
from ad_chassis.logs import get_logger

KEPT_SECONDS = 3600.0
LEAST_SECONDS = 10.0
"""Between two looks at one address: after an answer that was not good, and for what a good one lacks."""
AWAY = "the external provider does not answer; try again later"
Read = TypeVar("Read")
log = get_logger("auth")


class _Kept(NamedTuple):
    asked_at: float
    found: Any
    wrong: str | None = None


class ProviderDocuments:
    """Of many who want the same one at once, one asks."""

    def __init__(self, http: httpx2.AsyncClient, clock: Callable[[], float]) -> None:
        self._http = http
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, where: str, read: Callable[[Mapping[str, Any]], Read], *, anew: bool = False) -> Read:
        """What `read` makes of it, which raises `Unavailable` when it is not good; `anew` when it lacks something."""
        async with self._asking[where]:
            kept = self._kept.get(where)
            if kept is None or self._clock() >= kept.asked_at + _seconds(kept, anew=anew):
                kept = self._kept[where] = await self._look(where, read)
        if kept.wrong is not None:
            raise Unavailable(kept.wrong)
        found: Read = kept.found
        return found

    async def _look(self, where: str, read: Callable[[Mapping[str, Any]], Any]) -> _Kept:
        try:
            return _Kept(self._clock(), read(await self._asked(where)))
        except Unavailable as error:
            log.warning("no good document of the external provider", address=where, reason=error.detail)
            return _Kept(self._clock(), None, error.detail)

    async def _asked(self, where: str) -> Mapping[str, Any]:
        try:
            answer = await self._http.get(where)
            document = answer.json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise Unavailable(AWAY) from error
        if answer.status_code != 200 or not isinstance(document, dict):
            raise Unavailable(f"{where} answered {answer.status_code}, not 200 with a JSON object")
        return document


def _seconds(kept: _Kept, *, anew: bool) -> float:
    return LEAST_SECONDS if anew or kept.wrong is not None else KEPT_SECONDS
