"""The platform in one process, and a person with a browser."""

import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, expect

from tests.e2e.client import Client
from tests.e2e.system import System
from tests.servers.browser import program, running_browser
from tests.servers.plugin import required

PATIENCE_MS = 20_000
PASSWORD = "correct horse battery"
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[System]:
    async with System.embedded(tmp_path_factory.mktemp("ui")) as system:
        yield system


@pytest.fixture(scope="session")
async def client(system: System) -> AsyncIterator[Client]:
    async with Client(system.url, system.admin_key()) as client:
        user = {"username": "ann", "password": PASSWORD, "role": "analyst"}
        await client.call("POST", "/users", json=user)
        await client.create_stream("pumps")
        yield client


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with running_browser(
        required("Chromium", program, os.environ.get("REQUIRE_BROWSER", "0"))
    ) as browser:
        yield browser


class Person:
    """Someone at the dashboard: one window, which may have several tabs."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.complaints: list[str] = []
        self.watch(page)

    def watch(self, page: Page) -> None:
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        """What a content security policy refuses is told here too."""
        if message.type == "error":
            self.complaints.append(f"{message.text} at {message.location['url']}")

    def forgive(self, *parts: str) -> None:
        """Complaints that name one of these: the browser tells of every answer that is no success."""
        self.complaints = [each for each in self.complaints if not any(part in each for part in parts)]

    async def go_to_sign_in(self) -> None:
        await self.page.goto(self.url)
        await self.page.get_by_role("button", name="Sign in with user name").click()
        await expect(self.page.get_by_role("heading", name="Sign in")).to_be_visible()

    async def type_password(self, password: str = PASSWORD, button: str = "Sign in") -> None:
        await self.page.get_by_label("User name").fill("ann")
        await self.page.get_by_label("Password").fill(password)
        await self.page.get_by_role("button", name=button, exact=True).click()

    async def sign_in(self) -> None:
        await self.go_to_sign_in()
        await self.type_password()
        await self.is_in()

    async def is_in(self, page: Page | None = None) -> None:
        await expect((page or self.page).locator("header .person")).to_have_text("ann")

    async def is_out(self) -> None:
        await expect(self.page.get_by_role("button", name="Sign in with user name")).to_be_visible()

    async def sees(self, stream: str, page: Page | None = None) -> None:
        listed = (page or self.page).locator(".streams .name")
        await expect(listed.get_by_text(stream, exact=True)).to_be_visible()

    async def stored(self) -> dict[str, str]:
        """The session as the tab keeps it."""
        found: dict[str, str] = await self.page.evaluate(
            "() => JSON.parse(sessionStorage.getItem('anomaly_detection.session') ?? '{}')"
        )
        return found


@pytest.fixture
async def person(browser: Browser, system: System, client: Client) -> AsyncIterator[Person]:
    """Nothing of the page may fail or be refused while a test runs, but what it takes out itself."""
    context = await browser.new_context()
    person = Person(await context.new_page(), system.url)
    yield person
    await context.close()
    assert person.complaints == []
