"""The routes of the audit log."""

import pytest

from ad_chassis.security.token_source import parse_api_key
from ad_contracts.audit_chain import checked

PASSWORD = "correct horse battery"


@pytest.fixture
async def changes(client, administrator) -> None:
    for name in ("a", "b", "c"):
        body = {"name": name, "permissions": ["read"]}
        assert (await client.post("/roles", json=body, headers=administrator)).status_code == 201


async def entries(client, header, **query) -> list[dict]:
    answer = await client.get("/audit", params=query, headers=header)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


@pytest.fixture
async def key_for(client, administrator):
    async def key_for(**body) -> dict[str, str]:
        made = await client.post("/api-keys", json={"name": "k", **body}, headers=administrator)
        key_id, secret = parse_api_key(made.json()["key"])
        form = {"grant_type": "client_credentials", "client_id": key_id, "client_secret": secret}
        token = (await client.post("/auth/token", data=form)).json()["access_token"]
        return {"Authorization": f"Bearer {token}"}

    return key_for


async def test_the_newest_entries_come_first_page_by_page(client, administrator, changes) -> None:
    first = (await client.get("/audit", params={"limit": 2}, headers=administrator)).json()
    assert [each["resource"] for each in first["items"]] == ["c", "b"]
    rest = {"limit": 1000, "cursor": first["next_cursor"]}
    second = (await client.get("/audit", params=rest, headers=administrator)).json()
    assert [each["action"] for each in second["items"]] == ["create role", "create api key"]
    assert second["next_cursor"] is None


async def test_an_entry_says_who_what_from_where_and_how_it_ended(client, administrator, changes) -> None:
    [entry] = await entries(client, administrator, limit=1)
    me = (await client.get("/auth/me", headers=administrator)).json()
    assert (entry["subject"], entry["action"], entry["resource"]) == (me["subject"], "create role", "c")
    assert (entry["outcome"], entry["address"], entry["service"]) == ("allowed", "127.0.0.1", "auth")
    assert entry["details"] == {"permissions": "read", "subject_name": "first administrator"}
    assert len(entry["request_id"]) == 32


async def test_the_chain_can_be_checked_by_whoever_reads_it(client, administrator, changes) -> None:
    head = (await client.get("/audit/head", headers=administrator)).json()
    found = checked(await entries(client, administrator, order="oldest"))
    assert (found.seq, found.hash, str(found)) == (head["seq"], head["hash"], head["head"])


async def test_what_is_asked_for_is_found(client, administrator, changes, ann) -> None:
    assert [each["resource"] for each in await entries(client, administrator, action="create user")] == [
        ann["id"]
    ]
    assert await entries(client, administrator, outcome="denied") == []
    assert await entries(client, administrator, to="2026-01-01T00:00:00Z") == []
    assert len(await entries(client, administrator, **{"from": "2026-01-01T00:00:00Z"})) == 5
    assert await entries(client, administrator, subject="nobody") == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"from": "2026-01-01T00:00:00"}, 400),
        ({"cursor": "garbage!"}, 400),
        ({"cursor": "LTE"}, 400),
        ({"outcome": "perhaps"}, 422),
        ({"from": "yesterday"}, 422),
        ({"subject": "a\x00"}, 422),
    ],
)
async def test_a_question_that_cannot_be_is_refused(client, administrator, query, status) -> None:
    assert (await client.get("/audit", params=query, headers=administrator)).status_code == status


async def test_it_is_for_those_who_administer_the_whole_tenant(client, key_for) -> None:
    for body in ({"role": "operator"}, {"permissions": ["audit:read"], "streams": ["pumps"]}):
        header = await key_for(**body)
        assert (await client.get("/audit", headers=header)).status_code == 403
        assert (await client.get("/audit/head", headers=header)).status_code == 403
    header = await key_for(permissions=["audit:read"])
    assert (await client.get("/audit", headers=header)).status_code == 200


async def test_what_auth_refuses_is_noted_and_what_it_does_is_noted_once(
    running, client, administrator, key_for, changes
) -> None:
    reader = await key_for(role="viewer")
    assert (await client.post("/roles", json={}, headers=reader)).status_code == 403
    noted = list(running[0].audit._waiting)
    assert [(each.action, each.outcome, each.resource) for each in noted] == [
        ("add role", "denied", "/api/v1/roles")
    ]
    assert len(await entries(client, administrator, action="create role")) == 3
