"""The routes of API keys."""

from datetime import UTC, datetime, timedelta

import pytest


async def exchange(client, text: str):
    _, key_id, secret = text.split("_", 2)
    form = {"grant_type": "client_credentials", "client_id": key_id, "client_secret": secret}
    return await client.post("/auth/token", data=form)


async def test_a_key_is_shown_once_used_and_removed(client, administrator) -> None:
    made = await client.post("/api-keys", json={"name": "loader", "role": "analyst"}, headers=administrator)
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
        assert each["key"].split("_", 2)[2] not in first.text + rest.text


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
