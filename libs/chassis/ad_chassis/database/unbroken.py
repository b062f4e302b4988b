"""Transactions that a cancellation of their caller does not break off.

One that is cancelled in the middle leaves its connection to be cleared away later, and until then SQLite keeps the
file locked: whoever writes next waits for as long as it may wait, and fails.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def unbroken(work: Coroutine[Any, Any, Result]) -> Result:
    """The result of `work`, which goes on to its end even when the caller is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    # The caller may be gone when it fails; whoever is still there gets the error from the shield.
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return await asyncio.shield(task)
