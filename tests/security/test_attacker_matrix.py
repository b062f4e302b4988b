"""Every route against every attacker: a route without its row fails, and so does every hole."""

from collections.abc import AsyncIterator

import pytest
from fastapi.routing import iter_route_contexts

from tests.support.matrix.documents import documented
from tests.support.matrix.rows import ROWS
from tests.support.matrix.runner import Matrix, Route
from tests.support.matrix.world import World

ROUTES = sorted(set(documented()), key=str)
PREFIX = "/api/v1"
# In no document, and the same for everybody: health without the prefix, the documents themselves, the page, and the
# last route of the gateway, which hands over what the documents of the services tell of.
FOR_EVERYBODY = {"/health", "/health/live", "/health/ready", "/metrics", "/openapi.json"}
OF_THE_GATEWAY = {"/", "/docs", "/web/{path:path}", "/ws/anomalies", "/{_path:path}"}


@pytest.fixture(scope="module")
async def matrix(world: World, attacked: list[str]) -> AsyncIterator[Matrix]:
    matrix = await Matrix.of(world)
    yield matrix
    attacked.append(f"{len(ROUTES)} routes, {matrix.cells} cells, {len(matrix.holes)} holes")


def test_every_route_of_the_documents_has_a_row_and_no_row_is_left_over() -> None:
    assert {str(route) for route in ROUTES} == set(ROWS)


async def test_every_route_that_answers_stands_in_a_document(world: World) -> None:
    known = {route.path.removeprefix(PREFIX) for route in ROUTES} | FOR_EVERYBODY | OF_THE_GATEWAY
    found = {
        route.path.removeprefix(PREFIX)
        for service in world.hosted.services
        for route in iter_route_contexts(service.app.routes)
    }
    assert {path for path in found - known if path.replace(":path", "") not in known} == set()
    assert found >= OF_THE_GATEWAY


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_nobody_gets_more_than_is_theirs(matrix: Matrix, route: Route) -> None:
    assert await matrix.attack(route, ROWS[str(route)]) == []
