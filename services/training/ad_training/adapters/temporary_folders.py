"""A folder of its own for every job."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


class TemporaryFolders:
    @asynccontextmanager
    async def folder(self) -> AsyncIterator[Path]:
        folder = await asyncio.to_thread(
            tempfile.TemporaryDirectory, prefix="ad-training-", ignore_cleanup_errors=True
        )
        try:
            yield Path(folder.name)
        finally:
            await asyncio.to_thread(folder.cleanup)
