"""The routes of tenants."""


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
