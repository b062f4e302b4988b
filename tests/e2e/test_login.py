"""`anomaly_detection login`, `logout` and `whoami` against a real auth behind a gateway."""

import asyncio
import re
import threading
from dataclasses import replace
from urllib.parse import parse_qs

import httpx2
import pytest

from ad_chassis.settings import TokenSettings
from anomaly_detection.cli.main import run
from anomaly_detection.client import signing_in
from anomaly_detection.client.address import login_of
from anomaly_detection.client.problems import ServerError
from tests.support.identity import running_identity
from tests.support.oauth import SIGN_IN, fields_of


@pytest.fixture(autouse=True)
def nothing_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("ANOMALY_DETECTION_DATA_DIR", str(tmp_path / "nothing"))
    monkeypatch.delenv("ANOMALY_DETECTION_API_KEY", raising=False)


@pytest.fixture
async def url(tmp_path):
    async with running_identity(tmp_path / "server") as http:
        yield str(http.base_url).removesuffix("/api/v1/")


async def command(*arguments: str) -> int:
    """The exit code."""

    def ran() -> int:
        with pytest.raises(SystemExit) as stop:
            run(arguments)
        return int(stop.value.code or 0)

    return await asyncio.to_thread(ran)


def send(browser: httpx2.Client, page: httpx2.Response, **fields: str) -> httpx2.Response:
    """The form of a page, with what a person types."""
    action = re.findall(r'action="([^"]*)"', page.text)[0]
    return browser.post(str(page.url.join(action)), data=fields_of(page.text) | fields)


def browse(address: str) -> httpx2.Response:
    """What a person does on the page; gives where the browser ends."""
    with httpx2.Client() as browser:
        answer = send(browser, browser.get(address), **SIGN_IN)
        return browser.get(answer.headers["location"])


def decide(address: str, **changes: str) -> httpx2.Response:
    """What a person does whom a device sent: the code is filled in, and is compared on the page after it."""
    with httpx2.Client() as browser:
        page = browser.get(address)
        [code] = re.findall(r'name="user_code" value="([^"]+)"', page.text)
        return send(browser, send(browser, page, user_code=code), **SIGN_IN | changes)


@pytest.fixture
def browser(monkeypatch):
    """A browser that signs in by itself, and what it showed at the end."""
    shown: list[httpx2.Response] = []

    def show(address: str) -> bool:
        threading.Thread(target=lambda: shown.append(browse(address))).start()
        return True

    monkeypatch.setattr(signing_in, "has_browser", lambda: True)
    monkeypatch.setattr(signing_in.webbrowser, "open", show)
    return shown


async def test_rfc8252_a_login_in_the_browser_is_used_by_later_commands_until_logout(
    url, browser, capsys
) -> None:
    assert await command("login", "--server", url) == 0
    kept = login_of(url)
    assert kept.path.stat().st_mode & 0o777 == 0o600
    assert kept.path.parent.stat().st_mode & 0o777 == 0o700
    assert "signed in" in capsys.readouterr().err
    assert await command("whoami", "--server", url) == 0
    assert "ann" in capsys.readouterr().out
    old = kept.tokens()
    assert await command("logout", "--server", url) == 0
    assert "nobody is signed in now: no API key" in capsys.readouterr().err
    assert not kept.path.exists()
    async with httpx2.AsyncClient(base_url=url) as http:
        header = {"Authorization": f"Bearer {old.access_token}"}
        assert (await http.get("/api/v1/auth/me", headers=header)).status_code == 401
    assert await command("whoami", "--server", url) == 2
    assert "anomaly_detection login" in capsys.readouterr().err
    assert browser[0].text.count("You can close this page") == 1


async def test_rfc9207_a_platform_that_knows_its_address_answers_by_it(tmp_path, browser, capsys) -> None:
    tokens = TokenSettings(issuer="https://anomalies.example.org")
    async with running_identity(tmp_path / "server", tokens=tokens) as http:
        url = str(http.base_url).removesuffix("/api/v1/")
        assert await command("login", "--server", url) == 0
    assert "signed in" in capsys.readouterr().err
    assert parse_qs(browser[0].url.query.decode())["iss"] == ["https://anomalies.example.org"]


async def test_rfc8628_a_login_with_a_code_is_approved_on_another_device(url) -> None:
    said: list[str] = []

    def wait(seconds: float) -> None:
        assert seconds == 5
        decide(said[1].split()[2], decision="approve")

    tokens = await asyncio.to_thread(
        lambda: signing_in.on_device(url, said.append, trust_env=False, wait=wait)
    )
    assert (tokens.tenant, "type the code" in said[0]) == ("default", True)


async def test_rfc8628_a_login_that_is_denied_ends_with_the_reason(url) -> None:
    said: list[str] = []

    def wait(_: float) -> None:
        decide(said[1].split()[2], decision="deny", password="")

    with pytest.raises(ServerError, match="denied"):
        await asyncio.to_thread(lambda: signing_in.on_device(url, said.append, trust_env=False, wait=wait))


async def test_processes_that_renew_at_once_take_turns_and_nobody_is_signed_out(url, browser) -> None:
    assert await command("login", "--server", url) == 0
    kept = login_of(url)
    old = kept.tokens()
    kept.keep(replace(old, ends_at=0))
    found = await asyncio.gather(*(asyncio.to_thread(login_of(url).token) for _ in range(8)))
    assert len(set(found)) == 1
    assert found[0] != old.access_token
    assert kept.tokens().name == "ann"
