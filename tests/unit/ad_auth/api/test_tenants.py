"""The routes of tenants."""

import asyncio

import pytest

from ad_chassis.security.token_source import parse_api_key
from tests.support.registry import published


async def test_only_the_key_of_the_services_suspends_a_tenant(running, client, administrator) -> None:
    service = {"Authorization": f"Bearer {await running[0].tokens.token()}"}
    body = {"suspended": True}
    assert (await client.patch("/tenants/default", json=body, headers=administrator)).status_code == 403
    assert (await client.get("/tenants/default", headers=administrator)).status_code == 403
    suspended = await client.patch("/tenants/default", json=body, headers=service)
    assert (suspended.status_code, suspended.json()["suspended_at"] is None) == (200, False)
    assert (await client.get("/tenants/default", headers=service)).json() == suspended.json()
    assert (await client.get("/auth/me", headers=administrator)).status_code == 401
    admitted = await client.patch("/tenants/default", json={"suspended": False}, headers=service)
    assert admitted.json()["suspended_at"] is None
    assert (await client.get("/tenants/acme", headers=service)).status_code == 404


async def test_no_role_and_no_key_can_be_given_what_reaches_beyond_tenants(client, administrator) -> None:
    for name in ("tenants:write", "platform"):
        role = {"name": "r", "permissions": [name]}
        assert (await client.post("/roles", json=role, headers=administrator)).status_code == 422
        key = {"name": "k", "permissions": [name]}
        assert (await client.post("/api-keys", json=key, headers=administrator)).status_code == 422
    assert "tenants:write" not in (await client.get("/roles", headers=administrator)).json()["permissions"]


async def test_a_suspended_tenant_gets_a_clear_answer_when_it_signs_in(
    running, client, administrator
) -> None:
    body = {"username": "ann", "password": "correct horse battery", "role": "viewer"}
    await client.post("/users", json=body, headers=administrator)
    service = {"Authorization": f"Bearer {await running[0].tokens.token()}"}
    await client.patch("/tenants/default", json={"suspended": True}, headers=service)
    form = {"grant_type": "password", "username": "ann", "password": "correct horse battery"}
    answer = await client.post("/auth/token", data=form)
    assert (answer.status_code, "is suspended" in answer.json()["detail"]) == (403, True)


@pytest.fixture
async def service(running) -> dict[str, str]:
    """What the key of the services sends along."""
    return {"Authorization": f"Bearer {await running[0].tokens.token()}"}


async def test_a_new_tenant_has_an_administrator_whose_key_is_shown_once(client, service) -> None:
    body = {"name": "acme", "quotas": {"streams": 3}}
    made = await client.post("/tenants", json=body, headers=service)
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/tenants/acme")
    assert (made.json()["quotas"], made.headers["Cache-Control"]) == ({"streams": 3}, "no-store")
    key_id, secret = parse_api_key(made.json()["key"])
    form = {"grant_type": "client_credentials", "client_id": key_id, "client_secret": secret}
    token = await client.post("/auth/token", data=form)
    assert (token.status_code, token.json()["tenant"]) == (200, "acme")
    assert "admin" in token.json()["scope"]
    shown = (await client.get("/tenants/acme", headers=service)).json()
    assert shown == {name: value for name, value in made.json().items() if name != "key"}
    assert (await client.post("/tenants", json=body, headers=service)).status_code == 409


async def test_of_many_that_make_a_tenant_at_the_same_time_one_gets_its_key(client, service) -> None:
    made = await asyncio.gather(
        *(client.post("/tenants", json={"name": "acme"}, headers=service) for _ in range(4))
    )
    assert sorted(each.status_code for each in made) == [201, 409, 409, 409]


async def test_tenants_are_listed_page_by_page(client, service) -> None:
    for name in ("b", "a", "c"):
        await client.post("/tenants", json={"name": name}, headers=service)
    names, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/tenants", params=query, headers=service)).json()
        names += [each["tenant"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert names == ["a", "b", "c", "default"]


async def test_quotas_are_changed_one_by_one_and_told_to_the_other_services(running, client, service) -> None:
    for quotas in ({"streams": 3, "jobs": 1}, {"jobs": None, "entities": 10}, {}):
        answer = await client.patch("/tenants/default", json={"quotas": quotas}, headers=service)
        assert answer.status_code == 200
    assert answer.json()["quotas"] == {"streams": 3, "entities": 10}
    assert answer.json()["suspended_at"] is None
    told = await published(running[0], "tenants")
    assert [(each.revision, each.quotas, each.suspended) for each in told][-1:] == [
        (3, {"streams": 3, "entities": 10}, False)
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"suspended": None},
        {"quotas": {"streams": -1}},
        {"quotas": {"records_per_second": 0}},
        {"quotas": {"entities": -1}},
        {"quotas": {"users": 5}},
        {"quotas": {"jobs": 2**53}},
        {"name": "other"},
    ],
)
async def test_what_is_no_change_of_a_tenant_is_refused(client, service, body) -> None:
    assert (await client.patch("/tenants/default", json=body, headers=service)).status_code == 422


async def test_administrators_neither_make_nor_list_tenants(client, administrator) -> None:
    assert (await client.post("/tenants", json={"name": "x"}, headers=administrator)).status_code == 403
    assert (await client.get("/tenants", headers=administrator)).status_code == 403
