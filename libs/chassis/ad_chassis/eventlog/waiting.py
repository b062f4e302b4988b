"""Waiting for an event that may not come."""

import asyncio


async def wait_until(event: asyncio.Event, timeout_seconds: float) -> bool:
    """Whether the event came in time. `asyncio.wait_for` of Python 3.11 can swallow a cancellation; this cannot."""
    try:
        async with asyncio.timeout(timeout_seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
