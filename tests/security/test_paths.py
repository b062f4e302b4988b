"""Paths that lead elsewhere than they seem to."""

import pytest

from tests.support.edge import Edge, status_of


async def get(edge: Edge, path: str) -> int:
    """As it is: a client library would tidy it up."""
    return status_of(await edge.raw(f"GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode()))


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/streams/../users",
        "/api/v1/streams/../../../metrics",
        "/api/v1/streams/%2e%2e/users",
        "/api/v1/streams/..%2f..%2f..%2fmetrics",
        "/api/v1/streams/%2E%2E%2F%2E%2E%2Fhealth",
        "/api/v1/streams/./a",
        "/api/v1/streams/a/..",
        "/api/v1/streams/..\\..\\metrics",
        "/api/v1/streams/%5c..%5cmetrics",
        "/api/v1/streams/a%00.json",
        "/api/v1/streams/a%0d%0aX-Tenant:%20other",
        "/web/../main.py",
        "/web/%2e%2e/%2e%2e/settings.py",
        "/web/vendor/..%2f..%2f..%2fmain.py",
    ],
)
async def test_a_path_with_steps_or_control_characters_is_refused_at_the_edge(edge: Edge, path: str) -> None:
    before = list(edge.reached)
    assert await get(edge, path) == 400
    assert edge.reached == before


@pytest.mark.parametrize(
    "path", ["/api/v1/streams/%252e%252e/users", "/api/v1/streams/a%2Fb", "/api/v1/streams/..."]
)
async def test_a_name_arrives_as_it_was_sent_and_is_decoded_once(edge: Edge, path: str) -> None:
    assert await get(edge, path) == 200
    assert edge.reached[-1] == f"ingestion GET {path}"


@pytest.mark.parametrize("path", ["/api/v1//users", "/api/v1", "//api/v1/users", "/api/v1/%75sers%2f..%2fx"])
async def test_a_path_that_only_resembles_one_is_nobodys(edge: Edge, path: str) -> None:
    before = list(edge.reached)
    assert await get(edge, path) in {400, 404}
    assert edge.reached == before


async def test_letters_that_were_encoded_reach_the_same_owner_as_plain_ones(edge: Edge) -> None:
    assert await get(edge, "/api/v1/%75sers") == 200
    assert edge.reached[-1] == "auth GET /api/v1/%75sers"
