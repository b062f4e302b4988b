"""The routes of API keys."""

from datetime import UTC, datetime, timedelta

import pytest

from ad_chassis.security.token_source import parse_api_key


async def exchange(client, text: str):
    key_id, secret = parse_api_key(text)
    form = {"grant_type": "client_credentials", "client_id": key_id, "client_secret": secret}
    return await client.post("/auth/token", data=form)


async def test_a_key_is_shown_once_used_and_removed(client, administrator) -> None:
    made = await client.post("/api-keys", json={"name": "loader", "role": "operator"}, headers=administrator)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    text, address = made.json()["key"], made.headers["location"].removeprefix("/api/v1")
    read = await client.get(address, headers=administrator)
    assert (read.json()["last_used_at"], "key" in read.json()) == (None, False)
    granted = await exchange(client, text)
    assert (granted.status_code, granted.json()["scope"]) == (200, "read write")
    mine = {"Authorization": f"Bearer {granted.json()['access_token']}"}
    assert (await client.get("/auth/me", headers=mine)).json()["name"] == "loader"
    assert (await client.get(address, headers=administrator)).json()["last_used_at"] is not None
    assert (await client.delete(address, headers=administrator)).status_code == 204
    assert (await exchange(client, text)).status_code == 401
    assert (await client.get("/auth/me", headers=mine)).status_code == 401
    assert (await client.get(address, headers=administrator)).status_code == 404


async def test_keys_are_listed_page_by_page_without_their_secrets(client, administrator) -> None:
    made = [
        (
            await client.post("/api-keys", json={"name": f"k{n}", "role": "viewer"}, headers=administrator)
        ).json()
        for n in range(3)
    ]
    first = await client.get("/api-keys", params={"limit": 3}, headers=administrator)
    rest = await client.get(
        "/api-keys", params={"cursor": first.json()["next_cursor"]}, headers=administrator
    )
    found = first.json()["items"] + rest.json()["items"]
    assert {each["id"] for each in made} < {each["id"] for each in found}
    assert len(found) == 4
    for each in made:
        assert parse_api_key(each["key"])[1] not in first.text + rest.text


@pytest.mark.parametrize(
    ("expires_at", "field"),
    [
        (datetime.now(UTC) - timedelta(days=1), "expires_at"),
        ("2099-01-01T00:00:00", "expires_at"),
        ("soon", "expires_at"),
    ],
)
async def test_a_time_of_expiry_that_cannot_be_is_named(client, administrator, expires_at, field) -> None:
    body = {"name": "k", "role": "viewer", "expires_at": str(expires_at)}
    answer = await client.post("/api-keys", json=body, headers=administrator)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_a_key_with_permissions_of_its_own_is_changed_and_rotated(client, administrator) -> None:
    body = {"name": "loader", "permissions": ["records:write"], "streams": ["pumps"]}
    made = (await client.post("/api-keys", json=body, headers=administrator)).json()
    assert (made["role"], made["permissions"], made["streams"]) == (None, ["records:write"], ["pumps"])
    assert made["key"].startswith(f"ad_test_{made['id']}_")
    granted = (await exchange(client, made["key"])).json()
    assert granted["scope"] == "records:write"
    mine = {"Authorization": f"Bearer {granted['access_token']}"}
    me = (await client.get("/auth/me", headers=mine)).json()
    assert (me["permissions"], me["streams"]) == (["records:write"], ["pumps"])
    address = f"/api-keys/{made['id']}"
    changed = await client.patch(address, json={"role": "viewer", "streams": None}, headers=administrator)
    assert (changed.status_code, changed.json()["role"], changed.json()["streams"]) == (200, "viewer", None)
    assert (await client.get("/auth/me", headers=mine)).status_code == 401
    rotated = await client.post(f"{address}/rotate", headers=administrator)
    assert rotated.headers["cache-control"] == "no-store"
    assert rotated.json()["old_secret_until"] is not None
    for text in (made["key"], rotated.json()["key"]):
        assert (await exchange(client, text)).json()["scope"] == "read"
    body = {"overlap_seconds": 0}
    last = (await client.post(f"{address}/rotate", json=body, headers=administrator)).json()
    for text, status in ((made["key"], 401), (rotated.json()["key"], 401), (last["key"], 200)):
        assert (await exchange(client, text)).status_code == status


@pytest.mark.parametrize(
    "body",
    [
        {"name": "k"},
        {"name": "k", "role": "viewer", "permissions": ["read"]},
        {"name": "k", "permissions": []},
        {"name": "k", "permissions": ["fly"]},
        {"name": "k", "role": "viewer", "streams": []},
        {"name": "k", "role": "viewer", "streams": ["Not a stream"]},
        {"name": "k", "role": "viewer", "streams": [f"s{n}" for n in range(51)]},
        {"name": "k", "role": "nobody"},
    ],
)
async def test_a_key_that_cannot_be_is_refused(client, administrator, body) -> None:
    assert (await client.post("/api-keys", json=body, headers=administrator)).status_code == 422


@pytest.mark.parametrize(
    "body", [{}, {"name": None}, {"role": "viewer", "permissions": ["read"]}, {"key": "x"}]
)
async def test_a_change_that_cannot_be_is_refused(client, administrator, body) -> None:
    made = await client.post("/api-keys", json={"name": "k", "role": "viewer"}, headers=administrator)
    address = f"/api-keys/{made.json()['id']}"
    assert (await client.patch(address, json=body, headers=administrator)).status_code == 422
