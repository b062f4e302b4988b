"""Signing in at the dashboard: authorization code with PKCE, by a real browser."""

from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from playwright.async_api import Browser, Page, expect

from tests.ui.conftest import PASSWORD, Person

pytestmark = pytest.mark.timeout(120)
SPOIL = """() => {
    const key = "anomaly_detection.session";
    const kept = JSON.parse(sessionStorage.getItem(key));
    sessionStorage.setItem(key, JSON.stringify({ ...kept, access: kept.access + "x" }));
}"""
"""From the next start of the page on, its token is refused."""


async def refreshed(url: str, token: str) -> int:
    """The answer to a refresh token."""
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "dashboard"}
    async with httpx2.AsyncClient() as http:
        return (await http.post(f"{url}/api/v1/auth/token", data=form)).status_code


async def test_who_signs_in_comes_back_without_a_code_in_the_address_and_stays_in(person: Person) -> None:
    await person.go_to_sign_in()
    asked = parse_qs(urlsplit(person.page.url).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{person.url}/"]
    await person.type_password()
    await person.is_in()
    assert person.page.url == f"{person.url}/"
    await person.sees("pumps")
    await expect(person.page.locator(".connection")).to_have_text("Live")
    await person.page.reload()
    await person.is_in()
    assert await person.page.evaluate("() => localStorage.length") == 0
    assert await person.page.evaluate("() => document.cookie") == ""


async def test_a_wrong_password_is_told_on_the_page_and_another_try_gets_in(person: Person) -> None:
    await person.go_to_sign_in()
    await person.type_password("wrong horse battery")
    await expect(person.page.get_by_role("alert")).to_be_visible()
    await expect(person.page.get_by_label("Password")).to_be_focused()
    person.forgive("400")
    await person.type_password()
    await person.is_in()


async def test_who_cancels_is_back_at_the_door(person: Person) -> None:
    await person.go_to_sign_in()
    await person.page.get_by_role("button", name="Cancel").click()
    await person.is_out()
    assert person.page.url == f"{person.url}/"


async def test_who_signs_out_leaves_nothing_that_opens(person: Person) -> None:
    await person.sign_in()
    kept = await person.stored()
    async with person.page.expect_response("**/auth/revoke"):
        await person.page.get_by_role("button", name="Sign out").click()
    await person.is_out()
    assert await person.stored() == {}
    assert await refreshed(person.url, kept["refresh"]) == 400
    await person.page.reload()
    await person.is_out()


async def test_a_token_that_ended_is_renewed_without_a_word(person: Person) -> None:
    await person.sign_in()
    before = await person.stored()
    await person.page.evaluate(SPOIL)
    await person.page.reload()
    await person.is_in()
    await person.sees("pumps")
    await expect(person.page.locator(".connection")).to_have_text("Live")
    after = await person.stored()
    assert after["access"] != before["access"]
    assert after["refresh"] != before["refresh"]
    person.forgive("401", "WebSocket")


async def test_two_tabs_of_one_session_both_stay_in_when_their_token_ends(person: Person) -> None:
    await person.sign_in()
    await person.page.evaluate(SPOIL)
    # A tab that is opened from another begins with a copy of what it keeps.
    async with person.page.expect_popup() as opened:
        await person.page.evaluate("() => void window.open(location.href)")
    second: Page = await opened.value
    person.watch(second)
    await person.page.reload()
    for page in (person.page, second):
        await person.is_in(page)
        await person.sees("pumps", page)
    person.forgive("401", "WebSocket")


async def test_an_answer_that_this_tab_did_not_ask_for_is_refused(person: Person) -> None:
    await person.page.goto(f"{person.url}/?code=stolen&state=made-up")
    await expect(person.page.get_by_text("not the answer to a sign-in of this tab")).to_be_visible()
    await person.is_out()
    assert person.page.url == f"{person.url}/"


async def test_no_page_of_another_origin_frames_the_dashboard_or_the_sign_in(
    browser: Browser, person: Person
) -> None:
    await person.go_to_sign_in()
    for address in (person.url, person.page.url):
        page = await browser.new_page()
        refused: list[str] = []
        page.on("console", lambda message, refused=refused: refused.append(message.text))
        await page.set_content(f'<iframe src="{address}"></iframe>')
        await page.wait_for_load_state("networkidle")
        assert any("frame-ancestors" in each or "X-Frame-Options" in each for each in refused), refused
        await page.close()


async def test_an_api_key_opens_the_dashboard_and_is_kept_nowhere(person: Person, system) -> None:
    key = system.admin_key()
    await person.page.goto(person.url)
    await person.page.get_by_label("API key").fill(key)
    await person.page.get_by_role("button", name="Sign in with the key").click()
    await person.sees("pumps")
    secret = key.rsplit("_", 1)[1]
    assert secret not in await person.page.evaluate("() => JSON.stringify({ ...sessionStorage })")
    assert PASSWORD not in await person.page.content()
