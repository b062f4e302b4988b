"""Introspection and revocation over REST."""

import pytest

from tests.support.oauth import Flow

INACTIVE = {"active": False}


@pytest.fixture
async def introspect(client, administrator):
    async def introspect(token, headers=administrator):
        answer = await client.post("/auth/introspect", data={"token": token}, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        return answer.json()

    return introspect


async def test_rfc7662_2_2_a_good_token_is_told_about(client, ann, introspect) -> None:
    grant = await Flow(client).tokens()
    access = await introspect(grant["access_token"])
    assert (access["active"], access["sub"], access["client_id"]) == (True, ann["id"], "cli")
    assert (access["scope"], access["tenant"], access["token_type"]) == ("read write", "default", "Bearer")
    refresh = await introspect(grant["refresh_token"])
    assert (refresh["active"], refresh["sub"], refresh["client_id"]) == (True, ann["id"], "cli")
    assert refresh["exp"] > access["exp"]


async def test_rfc7662_2_2_of_a_token_that_is_not_good_nothing_else_is_said(client, ann, introspect) -> None:
    grant = await Flow(client).tokens()
    await client.post("/auth/revoke", data={"token": grant["refresh_token"], "client_id": "cli"})
    for token in (grant["access_token"], grant["refresh_token"], "x", "ad_refresh_x", "ad_dev_a_b"):
        assert await introspect(token) == INACTIVE


async def test_rfc7662_2_1_only_who_may_asks(client, ann) -> None:
    grant = await Flow(client).tokens()
    form = {"token": grant["access_token"]}
    assert (await client.post("/auth/introspect", data=form)).status_code == 401
    header = {"Authorization": f"Bearer {grant['access_token']}"}
    assert (await client.post("/auth/introspect", data=form, headers=header)).status_code == 403


async def test_rfc7009_2_1_a_client_revokes_its_own_tokens_alone(client, ann, introspect) -> None:
    grant = await Flow(client).tokens()
    for token in (grant["access_token"], grant["refresh_token"]):
        refused = await client.post("/auth/revoke", data={"token": token, "client_id": "dashboard"})
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
        assert (await introspect(token))["active"]
    for token in (grant["access_token"], grant["refresh_token"]):
        form = {"token": token, "client_id": "cli", "token_type_hint": "whatever"}
        assert (await client.post("/auth/revoke", data=form)).status_code == 204
        assert await introspect(token) == INACTIVE


async def test_rfc7009_2_2_1_an_api_key_is_no_token_that_can_be_revoked(client) -> None:
    answer = await client.post("/auth/revoke", data={"token": "ad_dev_0123456789abcdef_secret"})
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_token_type")
