"""The routes of users and roles."""

import pytest

PASSWORD = "correct horse battery"


async def header(client, username: str, password: str = PASSWORD) -> dict[str, str]:
    form = {"grant_type": "password", "username": username, "password": password}
    return {"Authorization": f"Bearer {(await client.post('/auth/token', data=form)).json()['access_token']}"}


async def test_a_user_is_made_read_changed_and_removed(client, administrator) -> None:
    body = {"username": "Bob", "password": PASSWORD, "role": "viewer"}
    made = await client.post("/users", json=body, headers=administrator)
    assert made.status_code == 201
    address = made.headers["location"].removeprefix("/api/v1")
    user = made.json()
    assert (user["username"], user["role"], set(user)) == (
        "bob",
        "viewer",
        {"id", "username", "role", "streams", "suspended_at", "created_at", "updated_at"},
    )
    assert user["created_at"].endswith("Z")
    assert (await client.get(address, headers=administrator)).json() == user
    changed = await client.patch(address, json={"role": "operator"}, headers=administrator)
    assert (changed.status_code, changed.json()["role"]) == (200, "operator")
    assert (await client.delete(address, headers=administrator)).status_code == 204
    assert (await client.get(address, headers=administrator)).status_code == 404


async def test_users_are_listed_by_name_page_by_page(client, administrator) -> None:
    for name in ("cid", "ann", "bob"):
        body = {"username": name, "password": PASSWORD, "role": "viewer"}
        await client.post("/users", json=body, headers=administrator)
    seen, cursor = [], None
    for _ in range(4):
        parameters = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/users", params=parameters, headers=administrator)).json()
        seen += [user["username"] for user in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["ann", "bob", "cid"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"username": "a b", "password": PASSWORD, "role": "viewer"}, "username"),
        ({"username": "bob", "password": "short", "role": "viewer"}, "password"),
        ({"username": "bob", "password": PASSWORD, "role": "root"}, "role"),
        ({"username": "bob", "password": PASSWORD, "role": "viewer", "tenant": "acme"}, "tenant"),
        ({"username": "bob", "password": PASSWORD}, "role"),
    ],
)
async def test_a_field_that_is_wrong_is_named_and_its_value_not_repeated(
    client, administrator, body, field
) -> None:
    answer = await client.post("/users", json=body, headers=administrator)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert PASSWORD not in answer.text


async def test_a_name_that_is_taken_and_a_change_of_nothing_are_refused(client, administrator, ann) -> None:
    body = {"username": "ANN", "password": PASSWORD, "role": "viewer"}
    assert (await client.post("/users", json=body, headers=administrator)).status_code == 409
    nothing = await client.patch(f"/users/{ann['id']}", json={}, headers=administrator)
    assert nothing.status_code == 422


async def test_a_token_ends_at_once_when_the_role_or_the_user_goes(client, administrator, ann) -> None:
    for change in ({"role": "viewer"}, {"password": "another horse battery"}, None):
        mine = await header(client, "ann")
        assert (await client.get("/auth/me", headers=mine)).status_code == 200
        address = f"/users/{ann['id']}"
        if change is None:
            await client.delete(address, headers=administrator)
        else:
            await client.patch(address, json=change, headers=administrator)
        assert (await client.get("/auth/me", headers=mine)).status_code == 401
        if change and "password" in change:
            await client.patch(address, json={"password": PASSWORD}, headers=administrator)


async def test_an_administrator_who_is_the_last_one_stays(client, administrator) -> None:
    [key] = (await client.get("/api-keys", headers=administrator)).json()["items"]
    answer = await client.delete(f"/api-keys/{key['id']}", headers=administrator)
    assert answer.status_code == 409
    body = {"username": "root", "password": PASSWORD, "role": "admin"}
    user = (await client.post("/users", json=body, headers=administrator)).json()
    assert (await client.delete(f"/api-keys/{key['id']}", headers=administrator)).status_code == 204
    mine = await header(client, "root")
    for answer in (
        await client.delete(f"/users/{user['id']}", headers=mine),
        await client.patch(f"/users/{user['id']}", json={"role": "viewer"}, headers=mine),
    ):
        assert answer.status_code == 409
    assert (await client.get("/auth/me", headers=administrator)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/users"),
        ("POST", "/users"),
        ("GET", "/users/abc"),
        ("PATCH", "/users/abc"),
        ("DELETE", "/users/abc"),
        ("GET", "/api-keys"),
        ("POST", "/api-keys"),
        ("GET", "/api-keys/abc"),
        ("DELETE", "/api-keys/abc"),
    ],
)
async def test_only_an_administrator_gets_in(shared_client, method, path) -> None:
    assert (await shared_client.request(method, path)).status_code == 401
    mine = await header(shared_client, "ann")
    assert (await shared_client.request(method, path, headers=mine)).status_code == 403


async def test_a_service_manages_the_tenant_that_it_names_and_no_user_does(
    running, client, administrator
) -> None:
    service = {"Authorization": f"Bearer {await running[0].tokens.token()}"}
    body = {"username": "bob", "password": PASSWORD, "role": "viewer"}
    elsewhere = {"X-Tenant": "acme"}
    assert (await client.post("/users", json=body, headers=service | elsewhere)).status_code == 404
    assert (await client.get("/users", headers=service | elsewhere)).json()["items"] == []
    assert (await client.get("/users", headers=administrator | elsewhere)).status_code == 403


async def test_an_address_that_is_no_id_is_refused(client, administrator) -> None:
    for path in ("/users/%00", "/users/a_b", "/api-keys/%00", "/users?cursor=%00", "/api-keys?cursor=%00"):
        assert (await client.get(path, headers=administrator)).status_code == 422


async def test_roles_are_listed_with_their_permissions(client, administrator) -> None:
    items = (await client.get("/roles", headers=administrator)).json()["items"]
    assert {each["name"]: each["permissions"] for each in items}["operator"] == ["read", "write"]
