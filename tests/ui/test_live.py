"""What an analyst sees while records come in."""

import pytest
from playwright.async_api import expect

from tests.e2e.client import Client
from tests.e2e.system import System
from tests.specs.main_job import readings
from tests.ui.conftest import Person

pytestmark = pytest.mark.timeout(120)
HOSTILE = "<img src=x onerror=\"document.title='taken'\">"


async def test_an_anomaly_appears_without_a_reload_and_names_are_shown_as_text(
    person: Person, client: Client
) -> None:
    await client.create_stream("live")
    await client.send("live", readings(400, seed=2))
    await client.scores("live", 400)
    await person.sign_in()
    await person.page.get_by_role("button", name="live").click()
    await expect(person.page.get_by_role("heading", name="live")).to_be_visible()
    await expect(person.page.locator(".connection")).to_have_text("Live")
    rows = readings(200, seed=3, first=1000, spikes=(150,))
    for row in rows:
        row["sensor"] = HOSTILE
    await client.send("live", rows)
    shown = person.page.locator("td.entity", has_text="onerror").first
    await expect(shown).to_have_text(HOSTILE)
    assert await person.page.title() == "Anomaly detection"


async def test_a_viewer_of_one_stream_sees_no_other(person: Person, client: Client, system: System) -> None:
    await client.create_stream("mine")
    body = {
        "name": "wall",
        "permissions": ["streams:read", "records:read", "anomalies:read"],
        "streams": ["mine"],
    }
    key = (await client.call("POST", "/api-keys", json=body))["key"]
    await person.page.goto(system.url)
    await person.page.get_by_label("API key").fill(key)
    await person.page.get_by_role("button", name="Sign in with the key").click()
    await expect(person.page.get_by_role("heading", name="mine")).to_be_visible()
    await expect(person.page.locator(".streams .name")).to_have_text(["mine"])
    # It may not see models, so nothing is said of them.
    await expect(person.page.locator(".champion")).to_have_count(0)
    person.forgive("403")
