"""Signing in at the dashboard through an external provider, which is another site for the browser."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.system import System
from tests.support.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider
from tests.ui.conftest import Person

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running_provider() as provider:
        provider.shows_page = True
        provider.claims = {"sub": "42", "preferred_username": "Bob", "groups": ["staff"]}
        yield provider


@pytest.fixture
async def address(tmp_path: Path, provider: Provider) -> AsyncIterator[str]:
    """Of the platform, by a name that is not the provider's."""
    system = System.embedded(tmp_path)
    public = f"http://localhost:{system.ports[None]}"
    system.environment |= {
        "ANOMALY_DETECTION_PUBLIC_URL": public,
        "AUTH_OIDC_ISSUER": provider.url,
        "AUTH_OIDC_CLIENT_ID": CLIENT_ID,
        "AUTH_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "AUTH_OIDC_NAME": "the directory",
        "AUTH_OIDC_ROLE_MAP": json.dumps({"staff": "analyst"}),
    }
    async with system:
        yield public


async def test_a_person_of_the_provider_is_signed_in_with_the_role_of_their_claims(
    browser: Browser, provider: Provider, address: str
) -> None:
    context = await browser.new_context()
    person = Person(await context.new_page(), address)
    await person.go_to_sign_in()
    await person.page.get_by_role("link", name="Sign in with the directory").click()
    await person.page.get_by_role("link", name="Go on").click()
    await expect(person.page.locator("header .person")).to_have_text("bob")
    assert person.page.url == f"{address}/"
    kept = await person.stored()
    me = await context.request.get(
        f"{address}/api/v1/auth/me", headers={"Authorization": f"Bearer {kept['access']}"}
    )
    assert "anomalies:read" in (await me.json())["permissions"]
    assert "ad_external" not in {each["name"] for each in await context.cookies()}
    await context.close()
    person.forgive(f"{provider.url}/favicon.ico")
    assert person.complaints == []
