"""Compiles the kernels before the service says that it is ready."""

import asyncio

from ad_detectors.warmup import warm_up


class WarmUp:
    """A component without an end."""

    async def start(self) -> None:
        await asyncio.to_thread(warm_up)

    async def stop(self) -> None:
        """Nothing runs."""
