"""`anomaly_detection login` by a person with a real browser."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.ui.conftest import Person

pytestmark = pytest.mark.timeout(120)
PROGRAM = Path(sys.executable).with_name("anomaly_detection")


class Terminal:
    """A person's account on this machine: commands, one after the other, and what the browser is sent to."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        shown = {"DISPLAY": ":0", "BROWSER": "true"}
        own = {"XDG_CONFIG_HOME": str(folder), "ANOMALY_DETECTION_DATA_DIR": str(folder / "nothing")}
        left_out = ("ANOMALY_DETECTION_API_KEY", "SSH_CONNECTION")
        self.environment = (
            {name: value for name, value in os.environ.items() if name not in left_out} | shown | own
        )

    @asynccontextmanager
    async def running(self, *words: str) -> AsyncIterator[asyncio.subprocess.Process]:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *words, "--server", self.url, env=self.environment, stdout=pipe, stderr=pipe
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def address(self, process: asyncio.subprocess.Process, *, before: str) -> str:
        """The first address that it says with these words before it."""
        assert process.stderr is not None
        said = ""
        async with asyncio.timeout(30):
            while line := (await process.stderr.readline()).decode():
                said += line
                if found := re.search(rf"{before} (http\S+)", line):
                    return found[1]
        raise AssertionError(said)

    async def whoami(self) -> str:
        async with self.running("whoami", "--json") as process:
            out, _ = await process.communicate()
        return out.decode()


@pytest.fixture
def terminal(system, tmp_path: Path) -> Terminal:
    return Terminal(system.url, tmp_path)


async def test_a_login_goes_over_the_browser_and_back_to_the_program(
    terminal: Terminal, person: Person
) -> None:
    async with terminal.running("login") as process:
        await person.page.goto(await terminal.address(process, before="go to"))
        await person.type_password()
        await expect(person.page.get_by_text("You can close this page")).to_be_visible()
        async with asyncio.timeout(30):
            assert await process.wait() == 0
    assert '"ann"' in await terminal.whoami()


async def test_a_device_is_approved_in_the_browser_once_its_code_was_compared(
    terminal: Terminal, person: Person
) -> None:
    async with terminal.running("login", "--device") as process:
        address = await terminal.address(process, before="or open")
        await person.page.goto(address)
        await person.page.get_by_role("button", name="Go on").click()
        code = re.search(r"user_code=([A-Z0-9-]+)", address)
        assert code is not None
        await expect(person.page.locator("p.code")).to_have_text(code[1])
        await person.type_password(button="Sign in and approve")
        await expect(person.page.get_by_role("status")).to_contain_text("The device is signed in")
        async with asyncio.timeout(30):
            assert await process.wait() == 0
    assert '"ann"' in await terminal.whoami()
