"""A real browser without a window, for the pages: a Chromium of this machine."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

from tests.servers.process import MissingServer

NAMES = ("chromium", "chromium-browser", "google-chrome")
# It speaks to the pages of the test and to nobody else.
ALONE = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


def program() -> str:
    given = os.environ.get("CHROMIUM")
    names = (given,) if given else NAMES
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise MissingServer(f"no program {' or '.join(names)}; CHROMIUM may name another")
    return found


@asynccontextmanager
async def running_browser(executable: str) -> AsyncIterator[Browser]:
    # Chromium keeps no sandbox as root.
    sandboxed = os.geteuid() != 0
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=ALONE, chromium_sandbox=sandboxed
        )
        yield browser
        await browser.close()
