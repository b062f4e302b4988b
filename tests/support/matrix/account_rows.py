"""Rows of tenants as a whole, of the audit log, and of what users do for themselves."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ad_auth.domain.second_factor import code_at
from tests.support.matrix.row import GOOD, Call, Make, Row
from tests.support.matrix.world import PASSWORD, VICTIM, World

SERVICES = ("auth", "detection", "ingestion", "model_registry", "training")
HOLDS_NO_OBJECTS = {"auth", "training"}
TOTP = "/api/v1/users/me/totp"


async def as_services(world: World, method: str, path: str, **options: Any) -> Any:
    headers = {"Authorization": f"Bearer {world.services_token}"}
    answer = await world.doors["gateway"].request(method, f"/api/v1{path}", headers=headers, **options)
    assert answer.is_success, f"{method} {path}: {answer.text}"
    return answer


async def new_tenant(world: World) -> Call:
    return Call({}, {"name": world.new("tenant")})


async def a_suspended_tenant(world: World) -> Call:
    name = (await new_tenant(world)).body["name"]
    await as_services(world, "POST", "/tenants", json={"name": name})
    await as_services(world, "PATCH", f"/tenants/{name}", json={"suspended": True})
    return Call({"tenant": name}, query={"confirm": name})


async def the_victim(_world: World) -> Call:
    return Call({"tenant": VICTIM})


def an_object(service: str) -> Make:
    async def make(world: World) -> Call:
        lines = (await as_services(world, "GET", f"/tenants/{VICTIM}/data/{service}")).text.splitlines()
        found = [line["object"] for line in map(json.loads, lines) if "object" in line]
        assert found or service in HOLDS_NO_OBJECTS, f"{service} holds no object of {VICTIM}"
        return Call({"tenant": VICTIM}, query={"key": found[0] if found else f"lake/{VICTIM}/x"})

    return make


async def nothing(_world: World) -> Call:
    return Call({})


async def a_user(world: World) -> tuple[str, str]:
    """Id and token of somebody who logged in with a password."""
    name = world.new("person")
    user = await world.post("/users", {"username": name, "password": PASSWORD, "role": "admin"})
    form = {"grant_type": "password", "tenant": VICTIM, "username": name, "password": PASSWORD}
    return user["id"], (await world.grant(form))["access_token"]


async def enrolled(world: World, token: str) -> str:
    """The code that confirms the second factor of a user."""
    headers = {"Authorization": f"Bearer {token}"}
    door = world.doors["gateway"]
    answer = await door.post(TOTP, json={"password": PASSWORD}, headers=headers)
    assert answer.is_success, answer.text
    return code_at(answer.json()["secret"], int(datetime.now(UTC).timestamp()) // 30).decode()


async def confirmed(world: World, token: str) -> str:
    """A recovery code."""
    code = await enrolled(world, token)
    headers = {"Authorization": f"Bearer {token}"}
    answer = await world.doors["gateway"].post(f"{TOTP}/confirm", json={"code": code}, headers=headers)
    assert answer.is_success, answer.text
    return str(answer.json()["recovery_codes"][0])


async def own_factor(world: World) -> Call:
    return Call({}, token=(await a_user(world))[1])


async def to_enrol(world: World) -> Call:
    return Call({}, {"password": PASSWORD}, token=(await a_user(world))[1])


async def to_confirm(world: World) -> Call:
    _, token = await a_user(world)
    return Call({}, {"code": await enrolled(world, token)}, token=token)


async def to_remove(world: World) -> Call:
    _, token = await a_user(world)
    return Call({}, {"code": await confirmed(world, token)}, token=token)


async def to_reset(world: World) -> Call:
    user, token = await a_user(world)
    await confirmed(world, token)
    return Call({"user_id": user})


def _of_the_platform(make: Make, good: frozenset[int] = GOOD) -> Row:
    return Row(make, "refused", "refused", "services", good=good)


# Whoever calls is told of themselves alone; keys have no second factor.
OWN: Mapping[str, Row] = {
    "GET /api/v1/users/me/totp": Row(own_factor, "refused", "refused"),
    "POST /api/v1/users/me/totp": Row(to_enrol, "refused", "refused"),
    "POST /api/v1/users/me/totp/confirm": Row(to_confirm, "refused", "refused"),
    "POST /api/v1/users/me/totp/remove": Row(to_remove, "refused", "refused"),
    "DELETE /api/v1/users/{user_id}/totp": Row(to_reset, "hidden", "refused"),
}
ACCOUNT_ROWS: Mapping[str, Row] = {
    **OWN,
    "GET /api/v1/audit": Row(nothing, "apart", "refused", unseen=f'"tenant":"{VICTIM}"'),
    "GET /api/v1/audit/head": Row(nothing, "apart", "refused"),
    "GET /api/v1/tenants": _of_the_platform(nothing),
    "POST /api/v1/tenants": _of_the_platform(new_tenant),
    **{
        f"{method} /api/v1/tenants/{{tenant}}/data/{service}": _of_the_platform(make)
        for service in SERVICES
        for method, make in (("GET", the_victim), ("DELETE", a_suspended_tenant))
    },
    **{
        f"GET /api/v1/tenants/{{tenant}}/objects/{service}": _of_the_platform(
            an_object(service), frozenset({404}) if service in HOLDS_NO_OBJECTS else GOOD
        )
        for service in SERVICES
    },
}
