"""OAuth as a browser and a client meet it: through the gateway, with the real auth behind."""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from ad_chassis.security.token_source import parse_api_key
from ad_chassis.settings import TokenSettings
from tests.support.identity import CHEAP, running_identity
from tests.support.oauth import Flow, told

ISSUER = "https://ad.example"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("oauth")


@pytest.fixture
def admin_key(folder: Path) -> str:
    return (folder / "admin.key").read_text().strip()


@pytest.fixture(scope="module")
async def http(folder: Path) -> AsyncIterator[httpx2.AsyncClient]:
    auth = CHEAP.model_copy(update={"public_url": ISSUER})
    async with running_identity(folder, auth=auth, tokens=TokenSettings(issuer=ISSUER)) as http:
        yield http


async def test_rfc6749_4_1_a_login_goes_through_the_gateway_and_the_page_keeps_its_own_policy(http) -> None:
    flow = Flow(http)
    page = await flow.ask()
    assert "form-action 'self' http://127.0.0.1:49152" in page.headers["content-security-policy"]
    assert "content-encoding" not in page.headers
    answer = await flow.sign_in()
    assert (answer.status_code, told(answer)["iss"]) == (303, ISSUER)
    grant = (await flow.exchange(told(answer)["code"])).json()
    header = {"Authorization": f"Bearer {grant['access_token']}"}
    assert (await http.get("/auth/me", headers=header)).json()["name"] == "ann"


async def test_rfc9700_4_1_3_with_a_public_address_the_dashboard_gets_codes_there_alone(http) -> None:
    good = await Flow(http, client_id="dashboard", redirect_uri=f"{ISSUER}/").sign_in()
    assert good.headers["location"].startswith(f"{ISSUER}/?code=")
    bad = await Flow(http, client_id="dashboard", redirect_uri="http://localhost:8000/").ask()
    assert (bad.status_code, "location" in bad.headers) == (400, False)


async def test_rfc8414_3_the_metadata_stands_at_its_well_known_place(http) -> None:
    at = http.base_url.copy_with(path="/.well-known/oauth-authorization-server")
    answer = await http.get(at)
    assert (answer.status_code, answer.json()["issuer"]) == (200, ISSUER)
    assert (await http.post(at)).status_code == 405


@pytest.mark.parametrize("secret", [None, "wrong"])
async def test_rfc6749_2_3_1_a_client_shows_its_secret_by_http_basic(http, admin_key, secret) -> None:
    key_id, right = parse_api_key(admin_key)
    header = base64.b64encode(f"{key_id}:{secret or right}".encode()).decode()
    answer = await http.post(
        "/auth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {header}"},
    )
    assert answer.status_code == (401 if secret else 200)
    elsewhere = await http.get("/streams", headers={"Authorization": f"Basic {header}"})
    assert elsewhere.status_code == 401


async def test_rfc8628_3_2_the_address_of_the_page_is_the_public_one_whatever_host_was_asked(http) -> None:
    answer = await http.post("/auth/device", data={"client_id": "cli"}, headers={"Host": "evil.example"})
    assert answer.json()["verification_uri"] == f"{ISSUER}/api/v1/auth/device"


async def test_rfc7662_2_1_an_administrators_key_introspects(http, admin_key) -> None:
    header = {"Authorization": f"Bearer {admin_key}"}
    grant = await Flow(http).tokens()
    answer = await http.post("/auth/introspect", data={"token": grant["access_token"]}, headers=header)
    assert (answer.json()["active"], answer.json()["client_id"]) == (True, "cli")
    mine = {"Authorization": f"Bearer {grant['access_token']}"}
    assert (await http.post("/auth/introspect", data={"token": "x"}, headers=mine)).status_code == 403


async def test_rfc9700_4_14_two_tabs_refresh_at_once_through_the_gateway(http) -> None:
    grant = await Flow(http).tokens()
    form = {"grant_type": "refresh_token", "refresh_token": grant["refresh_token"], "client_id": "cli"}
    answers = await asyncio.gather(*(http.post("/auth/token", data=form) for _ in range(6)))
    assert [answer.status_code for answer in answers] == [200] * 6
    assert len({answer.json()["refresh_token"] for answer in answers}) == 6


async def test_rfc6750_2_3_a_token_in_the_address_opens_nothing(http) -> None:
    grant = await Flow(http).tokens()
    answer = await http.get("/auth/me", params={"access_token": grant["access_token"]})
    assert answer.status_code == 401
