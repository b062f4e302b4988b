"""Requests that two servers would read in two ways, and headers that pretend."""

import pytest

from tests.support.edge import Edge, status_of

HEAD = b"POST /api/v1/streams/a/raw HTTP/1.1\r\nhost: x\r\n"
HIDDEN = b"GET /api/v1/users/hidden HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.mark.parametrize(
    "framing",
    [
        b"content-length: 4\r\ntransfer-encoding: chunked\r\n",
        b"transfer-encoding: chunked\r\ncontent-length: 4\r\n",
        b"content-length: 4\r\ncontent-length: 60\r\n",
        b"content-length: +4\r\n",
        b"content-length: 4, 60\r\n",
        b"transfer-encoding: chunked, identity\r\n",
        b"transfer-encoding: xchunked\r\n",
        b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
        b"transfer-encoding : chunked\r\n",
        b"transfer-encoding:\x0bchunked\r\n",
        b"x: 1\r\n transfer-encoding: chunked\r\n\x00: 1\r\n",
    ],
)
async def test_a_body_that_is_framed_in_two_ways_is_refused_and_hides_no_request(
    edge: Edge, framing: bytes
) -> None:
    answer = await edge.raw(HEAD + framing + b"\r\n0\r\n\r\n" + HIDDEN)
    assert status_of(answer) in {400, 501}
    assert b"connection: close" in answer.lower()
    assert not [call for call in edge.reached if "hidden" in call]


@pytest.mark.parametrize("name", [b"X-Tenant", b"x-tenant", b"X-TENANT"])
async def test_no_spelling_of_the_tenant_header_passes(edge: Edge, name: bytes) -> None:
    request = b"GET /api/v1/models HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" + name + b": other\r\n\r\n"
    answer = await edge.raw(request)
    assert status_of(answer) == 200
    assert b"other" not in answer


async def test_headers_that_connection_names_are_taken_off_and_take_off_nothing_of_ours(edge: Edge) -> None:
    headers = {
        "Connection": "close, X-Secret-Path, X-Forwarded-For, X-Request-ID",
        "X-Secret-Path": "/admin",
        "X-Request-ID": "mine-1",
    }
    seen = (await edge.http.get("/api/v1/models", headers=headers)).json()
    assert "x-secret-path" not in seen
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["x-request-id"] == "mine-1"


@pytest.mark.parametrize(
    "name",
    [
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Prefix",
        "Forwarded",
        "X-Real-IP",
    ],
)
async def test_nobody_outside_says_from_where_a_request_comes(edge: Edge, name: str) -> None:
    seen = (await edge.http.get("/api/v1/models", headers={name: "203.0.113.66"})).json()
    assert "203.0.113.66" not in str(seen)


async def test_limits_by_address_cannot_be_evaded_with_a_forged_one(edge: Edge) -> None:
    left = []
    for number in range(3):
        headers = {"X-Forwarded-For": f"203.0.113.{number}"}
        answer = await edge.http.get("/api/v1/models", headers=headers)
        left.append(int(answer.headers["ratelimit"].split(";r=")[1].split(";")[0]))
    assert left[0] > left[1] > left[2]


@pytest.mark.parametrize("line", [b"GET http://evil.example/api/v1/models HTTP/1.1", b"GET /\x00 HTTP/1.1"])
async def test_a_request_line_that_names_another_place_leads_nowhere(edge: Edge, line: bytes) -> None:
    before = list(edge.reached)
    answer = await edge.raw(line + b"\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert status_of(answer) in {400, 404}
    assert edge.reached == before
