"""Depth and size of JSON are known before it is parsed, however it is cut into pieces."""

import gzip
import json
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st

from ad_chassis.health import Health
from ad_chassis.http import create_app
from ad_chassis.http.json_shape import JsonLimits, JsonScan
from ad_chassis.metrics import Metrics

NESTED = st.recursive(
    st.none() | st.integers() | st.text(alphabet='a"\\[]{},:\n'),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet='b"\\[', max_size=3), inner),
    max_leaves=30,
)


def depth(value: Any) -> int:
    """The slow twin."""
    if not isinstance(value, list | dict):
        return 0
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth, inner), default=0)


def commas(value: Any) -> int:
    if not isinstance(value, list | dict):
        return 0
    inner = list(value.values()) if isinstance(value, dict) else value
    return max(len(inner) - 1, 0) + sum(map(commas, inner))


@given(value=NESTED, cuts=st.lists(st.integers(0, 400), max_size=8))
def test_depth_and_values_are_those_of_the_parsed_body_wherever_it_is_cut(
    value: Any, cuts: list[int]
) -> None:
    text = json.dumps(value).encode()
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    scan = JsonScan()
    for begin, end in pairwise(edges):
        scan.feed(text[begin:end])
    assert (scan.deepest, scan.values) == (depth(value), 1 + commas(value))


def application(*, of_records: bool = False) -> FastAPI:
    limits = JsonLimits(max_values=1000, of_records=of_records)
    app = create_app("shop", "1", metrics=Metrics("shop"), health=Health("1"), json_limits=limits)

    @app.post("/json")
    async def take(body: dict[str, Any]) -> int:
        return len(body)

    @app.post("/raw")
    async def take_raw(request: Request) -> int:
        return len(await request.body())

    return app


async def answer_to(body: Any, path: str = "/json", media_type: str = "application/json") -> httpx2.Response:
    transport = httpx2.ASGITransport(app=application())
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
        return await client.post(path, content=body, headers={"Content-Type": media_type})


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


async def test_a_body_as_deep_as_allowed_is_taken_and_one_level_more_is_refused() -> None:
    assert (await answer_to(nested(64))).status_code == 200
    refused = await answer_to(nested(65))
    assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")
    assert "nests deeper than 64" in refused.json()["detail"]


async def test_a_body_of_too_many_values_is_refused() -> None:
    assert (await answer_to(b'{"a":[' + b"1," * 998 + b"1]}")).status_code == 200
    assert (await answer_to(b'{"a":[' + b"1," * 1000 + b"1]}")).status_code == 413


async def test_brackets_and_commas_in_text_do_not_count() -> None:
    assert (await answer_to(json.dumps({"a": '["{,' * 2000}).encode())).status_code == 200


async def test_an_endless_opening_is_refused_at_its_first_piece() -> None:
    taken = 0

    async def endless() -> Any:
        nonlocal taken
        while True:
            taken += 1
            yield b"[" * 1000

    assert (await answer_to(endless())).status_code == 400
    assert taken <= 2


async def test_the_brackets_of_another_encoding_do_not_slip_through() -> None:
    assert (await answer_to(nested(500).decode().encode("utf-16"))).status_code == 400


@pytest.mark.parametrize("media_type", ["APPLICATION/JSON", "application/problem+json; charset=utf-8"])
async def test_every_kind_of_json_is_looked_at(media_type: str) -> None:
    assert (await answer_to(nested(100), "/raw", media_type)).status_code == 400


@pytest.mark.parametrize("media_type", ["text/csv", "application/x-ndjson", "application/jsonp"])
async def test_what_is_no_json_is_not_looked_at(media_type: str) -> None:
    assert (await answer_to(nested(100), "/raw", media_type)).status_code == 200


@pytest.mark.parametrize(("of_records", "status"), [(False, 415), (True, 200)])
async def test_a_compressed_body_is_left_to_a_service_of_records_and_refused_by_others(
    of_records: bool, status: int
) -> None:
    transport = httpx2.ASGITransport(app=application(of_records=of_records))
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        packed = gzip.compress(nested(100))
        assert (await client.post("/raw", content=packed, headers=headers)).status_code == status


async def test_records_may_be_many_and_one_that_is_damaged_is_no_reason_to_refuse_the_others() -> None:
    transport = httpx2.ASGITransport(app=application(of_records=True))
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
        for body, status in ((b"[" + b"1," * 5000 + b"\0]", 200), (b"[" * 100, 400)):
            answer = await client.post("/raw", content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code == status
