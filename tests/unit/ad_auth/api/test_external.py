"""Login through an external OpenID provider that runs on loopback."""

import re
import time

import httpx2
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from pydantic import SecretStr

from ad_auth.settings import AuthSettings
from tests.support.oauth import CALLBACK, Flow, told
from tests.support.oidc_provider import CLIENT_ID, CLIENT_SECRET, running_provider

PUBLIC = "http://auth"
DIRECTORY = {"sub": "42", "preferred_username": "Bob", "groups": ["staff", "ad-operators"]}


@pytest.fixture
def provider():
    with running_provider() as provider:
        provider.claims = dict(DIRECTORY)
        yield provider


@pytest.fixture
async def client(hosted, tmp_path, provider):
    settings = AuthSettings(
        password_memory_kib=8,
        password_rounds=1,
        password_lanes=1,
        public_url=PUBLIC,
        oidc_issuer=provider.url,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=SecretStr(CLIENT_SECRET),
        oidc_name="the directory",
        oidc_role_map={"ad-admins": "admin", "ad-operators": "operator", "ad-ghosts": "ghost"},
    )
    async with hosted(tmp_path, settings) as (_, client):
        yield client


async def there(client: httpx2.AsyncClient, flow: Flow) -> httpx2.Response:
    """Follows the link of the sign-in page to the provider; gives its redirect back to the platform."""
    page = await flow.ask()
    link = re.findall(r'<a class="button" href="([^"]*)">Sign in with the directory</a>', page.text)[0]
    leaving = await client.get(f"{PUBLIC}{link.replace('&amp;', '&')}")
    assert leaving.status_code == 303, leaving.text
    async with httpx2.AsyncClient() as browser:
        return await browser.get(leaving.headers["location"])


async def through(client: httpx2.AsyncClient, flow: Flow) -> httpx2.Response:
    back = await there(client, flow)
    return await client.get(back.headers["location"])


async def me(client: httpx2.AsyncClient) -> dict:
    flow = Flow(client)
    answer = await through(client, flow)
    assert answer.status_code == 303, answer.text
    grant = (await flow.exchange(told(answer)["code"])).json()
    header = {"Authorization": f"Bearer {grant['access_token']}"}
    return (await client.get("/auth/me", headers=header)).json() | {"header": header}


async def test_oidc_core_3_1_a_person_of_the_provider_gets_tokens_and_the_role_of_its_claims(
    client, provider
) -> None:
    flow = Flow(client)
    answer = await through(client, flow)
    assert answer.headers["location"].startswith(f"{CALLBACK}?code=")
    assert told(answer)["state"] == "a state"
    first = await me(client)
    assert (first["name"], {"read", "write"} <= set(first["permissions"])) == ("bob", True)
    assert "admin" not in first["permissions"]
    again = await me(client)
    assert again["subject"] == first["subject"]


async def test_the_role_is_read_at_each_login_and_a_change_ends_the_tokens_of_before(
    client, provider
) -> None:
    before = await me(client)
    provider.claims["groups"] = ["ad-admins", "ad-operators"]
    after = await me(client)
    assert (after["subject"], "admin" in after["permissions"]) == (before["subject"], True)
    assert (await client.get("/auth/me", headers=before["header"])).status_code == 401


@pytest.mark.parametrize(
    ("groups", "said"),
    [(["staff"], "gives you a role"), (None, "gives you a role"), (["ad-ghosts"], "does not exist")],
)
async def test_who_has_no_role_by_the_map_is_refused_and_told(client, provider, groups, said) -> None:
    provider.claims["groups"] = groups
    answer = await through(client, Flow(client))
    assert (answer.status_code, said in answer.text) == (403, True)
    assert "location" not in answer.headers


async def test_a_name_that_somebody_here_has_does_not_give_that_account(client, provider, tmp_path) -> None:
    key = (tmp_path / "admin.key").read_text().strip().split("_", 3)
    form = {"grant_type": "client_credentials", "client_id": key[2], "client_secret": key[3]}
    token = (await client.post("/auth/token", data=form)).json()["access_token"]
    bob = {"username": "bob", "password": "correct horse battery", "role": "admin"}
    made = await client.post("/users", json=bob, headers={"Authorization": f"Bearer {token}"})
    external = await me(client)
    assert external["subject"] != made.json()["id"]
    assert re.fullmatch("bob-[0-9a-f]{8}", external["name"])


@pytest.mark.parametrize(
    "spoil",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "somebody else"},
        {"aud": [CLIENT_ID, "somebody else"]},
        {"aud": [CLIENT_ID], "azp": "somebody else"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"iat": None},
        {"sub": None},
    ],
)
async def test_oidc_core_3_1_3_7_an_id_token_that_is_not_for_this_login_is_refused(
    client, provider, spoil
) -> None:
    provider.spoil = spoil
    answer = await through(client, Flow(client))
    assert (answer.status_code, "location" in answer.headers) == (403, False)


async def test_oidc_core_3_1_3_7_clocks_may_differ_by_a_minute(client, provider) -> None:
    provider.spoil = {"exp": int(time.time()) - 30}
    assert (await through(client, Flow(client))).status_code == 303


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ({}, RSAKey.generate_key(2048)),
        ({"alg": "HS256", "kid": "symmetric"}, OctKey.import_key(b"k" * 32)),
        ({"alg": "HS256"}, OctKey.import_key(CLIENT_SECRET.encode() * 2)),
        ({"kid": "unknown"}, None),
    ],
)
async def test_oidc_core_3_1_3_7_an_id_token_with_another_signature_is_refused(
    client, provider, header, key
) -> None:
    provider.header, provider.signs_with = header, key
    assert (await through(client, Flow(client))).status_code == 403


async def test_a_provider_that_changed_its_keys_is_asked_again(client, provider, monkeypatch) -> None:
    assert (await through(client, Flow(client))).status_code == 303
    provider.key = ECKey.generate_key("P-256", {"use": "sig", "kid": "two"})
    monkeypatch.setattr("ad_auth.adapters.provider_documents.LEAST_SECONDS", 0.0)
    assert (await through(client, Flow(client))).status_code == 303


async def test_rfc9207_2_4_an_answer_of_another_provider_is_refused(client, provider) -> None:
    provider.tells = {"iss": "https://evil.example"}
    assert (await through(client, Flow(client))).status_code == 403
    provider.tells = {"iss": provider.url}
    assert (await through(client, Flow(client))).status_code == 303


async def test_rfc9207_2_4_a_provider_that_names_itself_must_do_so(client, provider) -> None:
    provider.metadata = {"authorization_response_iss_parameter_supported": True}
    assert (await through(client, Flow(client))).status_code == 403


async def test_rfc9700_4_7_an_answer_in_another_browser_or_a_second_time_is_refused(client, provider) -> None:
    flow = Flow(client)
    back = await there(client, flow)
    kept = dict(client.cookies)
    client.cookies.clear()
    assert (await client.get(back.headers["location"])).status_code == 403
    client.cookies.update(kept)
    # The stranger's try used the state up.
    assert (await client.get(back.headers["location"])).status_code == 403


async def test_rfc6265bis_the_cookie_of_the_browser_is_not_for_scripts_and_comes_back_from_another_site(
    client, provider
) -> None:
    asked = {name: value for name, value in Flow(client).asked.items() if value}
    plain = await client.get("/auth/external", params=asked)
    assert re.search("ad_external=.*; HttpOnly; .*SameSite=lax", plain.headers["set-cookie"])
    safe = await client.get("/auth/external", params=asked, headers={"X-Forwarded-Proto": "https"})
    assert re.search("__Host-ad_external=.*HttpOnly.*SameSite=lax.*Secure", safe.headers["set-cookie"])


@pytest.mark.parametrize("spoilt", ["/.well-known/openid-configuration", "/keys"])
@pytest.mark.parametrize("answer", [(429, {"error": "slow down"}), (200, {"keys": "none"}), (200, [])])
async def test_an_answer_of_the_provider_that_is_not_good_is_soon_forgotten(
    client, provider, monkeypatch, spoilt, answer
) -> None:
    monkeypatch.setattr("ad_auth.adapters.provider_documents.LEAST_SECONDS", 0.0)
    asked = {name: value for name, value in Flow(client).asked.items() if value}
    provider.instead[spoilt] = answer
    if spoilt == "/keys":
        assert (await through(client, Flow(client))).status_code == 503
    else:
        assert (await client.get("/auth/external", params=asked)).status_code == 503
    provider.instead.clear()
    assert (await through(client, Flow(client))).status_code == 303


async def test_a_provider_that_names_another_issuer_or_is_away_signs_nobody_in(client, provider) -> None:
    provider.metadata = {"issuer": "https://evil.example"}
    asked = {name: value for name, value in Flow(client).asked.items() if value}
    assert (await client.get("/auth/external", params=asked)).status_code == 503


@pytest.mark.parametrize("changes", [{"redirect_uri": "https://evil.example"}, {"code_challenge": ""}])
async def test_rfc6749_10_15_the_way_to_the_provider_is_no_open_redirector(client, provider, changes) -> None:
    asked = {name: value for name, value in Flow(client, **changes).asked.items() if value}
    answer = await client.get("/auth/external", params=asked)
    assert (answer.status_code, "location" in answer.headers) == (400, False)


async def test_without_a_provider_the_page_offers_none(shared_client) -> None:
    page = await Flow(shared_client).ask()
    assert "/auth/external" not in page.text
    assert (await shared_client.get("/auth/external/callback")).status_code == 404
