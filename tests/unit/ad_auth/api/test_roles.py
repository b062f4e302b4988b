"""The routes of roles."""

import pytest

PASSWORD = "correct horse battery"


async def header(client, username: str) -> dict[str, str]:
    form = {"grant_type": "password", "username": username, "password": PASSWORD}
    return {"Authorization": f"Bearer {(await client.post('/auth/token', data=form)).json()['access_token']}"}


async def test_a_role_is_made_read_given_changed_and_removed(client, administrator) -> None:
    body = {"name": "feeder", "permissions": ["streams:read", "records:write", "records:write"]}
    made = await client.post("/roles", json=body, headers=administrator)
    assert (made.status_code, made.headers["location"]) == (201, "/api/v1/roles/feeder")
    assert made.json() == {
        "name": "feeder",
        "built_in": False,
        "permissions": ["records:write", "streams:read"],
        "allows": ["records:write", "streams:read"],
    }
    assert (await client.get("/roles/feeder", headers=administrator)).json() == made.json()
    user = {"username": "ann", "password": PASSWORD, "role": "feeder"}
    ann = (await client.post("/users", json=user, headers=administrator)).json()
    mine = await header(client, "ann")
    assert (await client.get("/users", headers=mine)).status_code == 403
    changed = {"permissions": ["users:read"]}
    assert (await client.put("/roles/feeder", json=changed, headers=administrator)).status_code == 200
    assert (await client.get("/users", headers=mine)).status_code == 401
    assert (await client.get("/users", headers=await header(client, "ann"))).status_code == 200
    refused = await client.delete("/roles/feeder", headers=administrator)
    assert (refused.status_code, "user 'ann'" in refused.json()["detail"]) == (409, True)
    await client.delete(f"/users/{ann['id']}", headers=administrator)
    assert (await client.delete("/roles/feeder", headers=administrator)).status_code == 204
    assert (await client.get("/roles/feeder", headers=administrator)).status_code == 404


async def test_the_list_tells_of_all_roles_and_of_all_permissions(client, administrator) -> None:
    await client.post("/roles", json={"name": "a", "permissions": ["read"]}, headers=administrator)
    page = (await client.get("/roles", headers=administrator)).json()
    assert [(each["name"], each["built_in"]) for each in page["items"]] == [
        ("viewer", True), ("analyst", True), ("operator", True), ("admin", True), ("a", False)
    ]  # fmt: skip
    assert [each["permissions"] for each in page["items"][2:]] == [
        ["read", "write"], ["admin", "read", "write"], ["read"]
    ]  # fmt: skip
    assert page["permissions"]["models:promote"] == "Choose the models that score a stream"
    assert (await client.get("/roles/admin", headers=administrator)).json() == page["items"][3]


@pytest.mark.parametrize("name", ["viewer", "analyst", "operator", "admin"])
async def test_what_is_built_in_stays_as_it_is(client, administrator, name) -> None:
    body = {"permissions": ["read"]}
    for answer in (
        await client.post("/roles", json=body | {"name": name}, headers=administrator),
        await client.put(f"/roles/{name}", json=body, headers=administrator),
        await client.delete(f"/roles/{name}", headers=administrator),
    ):
        assert answer.status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {"name": "A", "permissions": ["read"]},
        {"name": "a", "permissions": []},
        {"name": "a", "permissions": ["root"]},
        {"name": "a"},
        {"name": "a", "permissions": ["read"], "tenant": "acme"},
    ],
)
async def test_a_role_that_cannot_be_is_refused(client, administrator, body) -> None:
    assert (await client.post("/roles", json=body, headers=administrator)).status_code == 422


async def test_who_may_make_roles_only_makes_none_that_may_do_more(client, administrator) -> None:
    body = {"name": "clerk", "permissions": ["admin", "read"]}
    await client.post("/roles", json=body, headers=administrator)
    user = {"username": "ann", "password": PASSWORD, "role": "clerk"}
    await client.post("/users", json=user, headers=administrator)
    mine = await header(client, "ann")
    for path, wanted in (
        ("/roles", {"name": "x", "permissions": ["write"]}),
        ("/users", {"username": "bob", "password": PASSWORD, "role": "admin"}),
        ("/api-keys", {"name": "x", "role": "operator"}),
        ("/api-keys", {"name": "x", "permissions": ["streams:write"]}),
    ):
        answer = await client.post(path, json=wanted, headers=mine)
        assert (answer.status_code, "do not have yourself" in answer.json()["detail"]) == (403, True)
    [key] = (await client.get("/api-keys", headers=administrator)).json()["items"]
    rotated = await client.post(f"/api-keys/{key['id']}/rotate", headers=mine)
    assert rotated.status_code == 403
    assert (await client.delete(f"/api-keys/{key['id']}", headers=mine)).status_code == 403
