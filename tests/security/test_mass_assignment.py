"""Fields that only the platform sets: whoever sends them is refused, or nothing comes of it. From the documents."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.support.matrix.attacks import claims_of
from tests.support.matrix.documents import documented
from tests.support.matrix.fields import Inner, has_body, inner_objects, put
from tests.support.matrix.row import Call, entitled
from tests.support.matrix.rows import ROWS
from tests.support.matrix.runner import Route
from tests.support.matrix.world import ATTACKER, World

ROUTES = sorted({route for route in documented() if has_body(route)}, key=str)
PLANTED: dict[str, Any] = {
    "id": "planted",
    "tenant": ATTACKER,
    "tenant_id": ATTACKER,
    "user_id": "planted",
    "owner": "planted",
    "kind": "service",
    "created_at": "2000-01-01T00:00:00Z",
    "created_by": "planted",
    "updated_at": "2000-01-01T00:00:00Z",
    "expires_in": 10_000_000,
    "role": "admin",
    "roles": ["admin"],
    "scope": "admin platform",
    "permissions": ["users:write"],
    "is_admin": True,
    "admin": True,
    "password_hash": "planted",
    "secret": "planted",
    "key": "planted",
    "version": 99,
    "revision": 99,
    "state": "done",
    "status": "succeeded",
    "suspended_at": None,
    "__proto__": {"is_admin": True},
}
# RFC 6749, 3.1 and 3.2, and RFC 7009, 2.1: what is not known is ignored.
IGNORING = {
    f"POST /api/v1/auth/{name}"
    for name in ("token", "refresh", "revoke", "introspect", "authorize", "device", "device/decision")
}
LASTING = ("tenant", "scope", "kind", "streams", "aud", "iss")
"""Of a token, what is the same in each that somebody gets."""


@pytest.fixture(scope="module")
def cells(attacked: list[str]) -> Iterator[list[str]]:
    tried: list[str] = []
    yield tried
    attacked.append(f"mass assignment, {len(ROUTES)} routes with a body, {len(tried)} cells")


async def answered(world: World, route: Route, call: Call, body: Any) -> httpx2.Response:
    path = route.path.format(**call.names)
    token = entitled(world, ROWS[str(route)], call)
    headers = {"Authorization": f"Bearer {token}"} | dict(call.headers)
    door = world.doors["gateway"]
    return await door.request(route.method, path, json=body, params=dict(call.query or {}), headers=headers)


def planted_for(inner: Inner) -> dict[str, Any]:
    return {name: value for name, value in PLANTED.items() if name not in (inner.known or ())}


@pytest.mark.parametrize("route", [route for route in ROUTES if str(route) not in IGNORING], ids=str)
async def test_a_field_that_is_not_the_callers_is_refused_by_its_name(
    world: World, cells: list[str], route: Route
) -> None:
    call = await ROWS[str(route)].make(world)
    for inner in inner_objects(route, call):
        # What a record or a setting of a detector is called is the user's own matter.
        if inner.known is None:
            continue
        planted = planted_for(inner)
        answer = await answered(world, route, call, _with(call.body, inner, planted))
        assert answer.status_code == 422, f"{inner.path}: {answer.status_code} {answer.text[:300]}"
        refused = {
            each["field"].rpartition(".")[2]
            for each in answer.json()["errors"]
            if "not known" in each["message"]
        }
        assert set(planted) - refused == set(), f"{inner.path}: {answer.text[:2000]}"
        cells += [f"{route} {inner.path} {name}" for name in planted]


@pytest.mark.parametrize("name", sorted(IGNORING))
async def test_what_a_standard_says_to_ignore_changes_nothing(
    world: World, cells: list[str], name: str
) -> None:
    [route] = [route for route in ROUTES if str(route) == name]
    told = []
    for planted in ({}, {key: str(value) for key, value in PLANTED.items()}):
        call = await ROWS[name].make(world)
        answer = await answered(world, route, call, planted | dict(call.form or {}))
        assert answer.status_code in ROWS[name].good, answer.text
        assert "planted" not in answer.text + answer.headers.get("location", "")
        told.append((answer.status_code, _lasting(answer)))
        cells += [f"{name} {key}" for key in planted]
    assert told[0] == told[1]


def _with(body: Any, inner: Inner, planted: dict[str, Any]) -> Any:
    place = body
    for step in inner.path:
        try:
            place = place[step]
        except (KeyError, IndexError, TypeError):
            place = None
    return put(body, inner.path, (place if isinstance(place, dict) else {}) | planted)


def _lasting(answer: httpx2.Response) -> dict[str, Any]:
    """Of the answer, and of the token in it; of other answers which fields they have."""
    if not answer.content or answer.headers["content-type"] != "application/json":
        return {}
    told = answer.json()
    if "access_token" not in told:
        return dict.fromkeys(told)
    claims = claims_of(told["access_token"])
    return {f"claim {name}": claims.get(name) for name in LASTING} | {
        name: told[name] for name in ("scope", "tenant", "token_type", "expires_in")
    }
