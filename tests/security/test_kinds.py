"""A value of another kind than its field has is refused, in every query and body. From the documents."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.matrix.documents import documented
from tests.support.matrix.fields import Spot, kinds, put
from tests.support.matrix.injections import answered
from tests.support.matrix.row import Call, entitled
from tests.support.matrix.rows import ROWS
from tests.support.matrix.runner import Route
from tests.support.matrix.world import World

NUMBERS = {"integer", "number"}
OTHERS: dict[str, tuple[Any, ...]] = {
    "integer": (True, "5", 1.5),
    "number": (True, "0.5"),
    "boolean": (1, 0, "yes", "true"),
    "moment": (5, 1_700_000_000, True, "5", "yesterday"),
    "string": (5, True),
}
AS_TEXT: dict[str, tuple[str, ...]] = {
    "integer": ("true", "1.5", "five"),
    "number": ("true", "five"),
    "boolean": ("2", "perhaps"),
    "moment": ("5", "1700000000", "yesterday"),
}
"""Of a query, where every value is text."""
ROUTES = sorted({route for route in documented() if kinds(route, Call({}, {}))}, key=str)


@pytest.fixture(scope="module")
def cells(attacked: list[str]) -> Iterator[list[str]]:
    tried: list[str] = []
    yield tried
    attacked.append(f"other kinds, {len(ROUTES)} routes with queries or bodies, {len(tried)} cells")


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_a_value_of_another_kind_is_refused(world: World, cells: list[str], route: Route) -> None:
    call = await ROWS[str(route)].make(world)
    holes = []
    for spot, wanted in kinds(route, call).items():
        for value in others(spot, wanted):
            cells.append(f"{route} {spot} {value!r}")
            status, text = await tried(world, route, call, spot, value)
            if status not in {400, 422}:
                holes.append(f"{spot}, which takes {sorted(wanted)}, took {value!r}: {status} {text[:200]}")
    assert holes == []


def others(spot: Spot, wanted: set[str]) -> list[Any]:
    """Values of no kind that the place takes."""
    if spot.where == "query":
        return [value for kind in wanted for value in AS_TEXT.get(kind, ()) if len(wanted) == 1]
    found = [value for kind in sorted(wanted) for value in OTHERS.get(kind, ())]
    return [value for value in found if not _fits(value, wanted)]


def _fits(value: Any, wanted: set[str]) -> bool:
    kind = {bool: "boolean", int: "integer", float: "number", str: "string"}[type(value)]
    return kind in wanted or (kind == "integer" and "number" in wanted)


async def tried(world: World, route: Route, call: Call, spot: Spot, value: Any) -> tuple[int, str]:
    token = entitled(world, ROWS[str(route)], call)
    headers = {"Authorization": f"Bearer {token}"} | dict(call.headers)
    query = dict(call.query or {}) | ({spot.name: value} if spot.where == "query" else {})
    body = put(call.body, spot.path, value) if spot.where == "body" else call.body
    content = None if body is None else json.dumps(body)
    if content:
        headers["Content-Type"] = "application/json"
    path = route.path.format(**call.names)
    door = world.doors["gateway"]
    answer = await answered(
        world, door.build_request(route.method, path, params=query, content=content, headers=headers)
    )
    return answer.status_code, "" if answer.status_code == 200 else answer.text
