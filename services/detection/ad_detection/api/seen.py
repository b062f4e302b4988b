"""Which streams are there for a caller."""

import asyncio

from ad_chassis.errors import NotFound, Unavailable
from ad_chassis.eventlog.errors import LogError
from ad_chassis.security import Principal
from ad_detection.ports import ControlSource

LOOK_SECONDS = 5.0


async def check_stream(view: ControlSource, principal: Principal, name: str) -> int:
    """Its generation. Raises `NotFound` for a stream that is none, and for one that the caller does not see."""
    found = await _generation(view, principal.tenant, name) if principal.sees(name) else None
    if found is None:
        raise NotFound(f"there is no stream {name!r}; GET /api/v1/streams lists those that exist")
    return found


async def _generation(view: ControlSource, tenant: str, name: str) -> int | None:
    """Known without asking anybody, unless it was made a moment ago."""
    known = view.control.generation(tenant, name)
    if known is not None:
        return known
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return (await view.caught_up()).generation(tenant, name)
    except (TimeoutError, LogError) as error:
        raise Unavailable(
            f"whether there is a stream {name!r} cannot be known while the event log does not answer"
        ) from error
