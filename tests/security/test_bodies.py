"""Bodies that are small on the wire and large inside, deep, or endless."""

import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ad_data.body import read_body
from ad_data.errors import DataError
from ad_data.schema import Field, StreamSchema
from ad_gateway.domain.policies import SMALL_BYTES
from ad_ingestion.domain.inflate import InflatesTooMuch, inflated
from tests.support.edge import Edge

MIB = 2**20
SCHEMA = StreamSchema(fields=(Field(name="a", type="float"),))
JSON = {"Content-Type": "application/json"}
SMALL = ["/api/v1/users", "/api/v1/streams", "/api/v1/models/m/promote", "/api/v1/replays"]
EVERYWHERE = [*SMALL, "/api/v1/streams/a/records", "/api/v1/detect", "/api/v1/train", "/api/v1/auth/token"]


@pytest.mark.parametrize("path", SMALL)
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x-unknown"])
async def test_a_compressed_body_is_refused_where_nobody_inflates_it(
    edge: Edge, path: str, encoding: str
) -> None:
    bomb = gzip.compress(b"\0" * MIB)
    answer = await edge.http.post(path, content=bomb, headers={"Content-Encoding": encoding})
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")


@pytest.mark.parametrize("encoding", ["deflate", "br", "zstd", "gzip, gzip", "gzip, br"])
async def test_records_are_taken_plain_or_as_gzip_alone(edge: Edge, encoding: str) -> None:
    answer = await edge.http.post(
        "/api/v1/streams/a/records", content=zlib.compress(b"{}"), headers={"Content-Encoding": encoding}
    )
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "gzip")


def test_a_bomb_of_gzip_is_given_up_at_the_limit_and_takes_no_more_memory_than_that() -> None:
    bomb = gzip.compress(b"\0" * (200 * MIB))
    layers = bomb + bomb
    assert len(layers) < MIB
    tracemalloc.start()
    try:
        with pytest.raises(InflatesTooMuch):
            inflated(layers, "gzip", 4 * MIB)
        assert tracemalloc.get_traced_memory()[1] < 16 * MIB
    finally:
        tracemalloc.stop()


def test_a_bomb_in_a_bomb_is_inflated_once() -> None:
    inner = gzip.compress(b"\0" * (50 * MIB))
    assert inflated(gzip.compress(inner), "gzip", MIB) == inner


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
async def test_deep_nesting_is_refused_by_the_service_that_would_parse_it(
    edge: Edge, path: str, opening: bytes
) -> None:
    answer = await edge.http.post(path, content=opening * 50_000, headers=JSON)
    assert answer.status_code == 400
    assert "nests deeper" in answer.json()["detail"]


async def test_millions_of_values_in_one_body_are_refused(edge: Edge) -> None:
    body = b'{"data":[' + b"1," * 6_000_000 + b"1]}"
    assert (await edge.http.post("/api/v1/detect", content=body, headers=JSON)).status_code == 413


@pytest.mark.parametrize("path", SMALL)
async def test_a_body_that_says_that_it_is_large_is_refused_unread(edge: Edge, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {SMALL_BYTES + 1}\r\n\r\n"
    answer = await edge.raw(head.encode())
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()


async def test_an_endless_body_is_cut_off_at_the_limit(edge: Edge) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 64 * MIB:
            sent += 2**16
            yield b"x" * 2**16

    answer: Any = await edge.http.post("/api/v1/users", content=endless())
    assert answer.status_code == 413
    assert not [call for call in edge.reached if "/api/v1/users" in call and "POST" in call]


@pytest.mark.parametrize("media_type", ["application/json", "application/x-ndjson"])
@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_what_nests_deep_inside_of_gzip_or_lines_is_no_record(opening: bytes, media_type: str) -> None:
    data = inflated(gzip.compress(opening * MIB), "gzip", 64 * MIB)
    try:
        body = read_body(data, media_type, SCHEMA)
    except DataError:
        return
    assert len(body.frame) == 0
