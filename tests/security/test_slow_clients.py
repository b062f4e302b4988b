"""Clients that take their time hold nothing up for long."""

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ad_chassis.http.protocol import PunctualProtocol
from ad_gateway.settings import GatewaySettings
from tests.support.edge import Edge, running_edge, status_of

HEAD = b"POST /api/v1/streams HTTP/1.1\r\nhost: x\r\n"


async def dribble(edge: Edge, start: bytes, drop: bytes) -> bytes:
    """Sends a beginning, and then a drop now and then, until the server has had enough."""
    address = urlsplit(edge.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)

    async def drip() -> None:
        writer.write(start)
        while True:
            writer.write(drop)
            await asyncio.sleep(0.02)

    dripping = asyncio.create_task(drip())
    try:
        async with asyncio.timeout(10):
            return await reader.readuntil(b"\r\n\r\n")
    finally:
        dripping.cancel()
        writer.close()


async def test_hundreds_of_slow_heads_hinder_nobody_and_are_hung_up_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PunctualProtocol, "head_seconds", 0.5)
    async with running_edge(tmp_path) as edge:
        slow = [asyncio.create_task(dribble(edge, HEAD, b"x")) for _ in range(200)]
        assert (await edge.http.get("/api/v1/models")).status_code == 200
        answers = await asyncio.gather(*slow)
        assert {status_of(answer) for answer in answers} == {408}


@pytest.mark.parametrize("path", [b"/api/v1/streams", b"/api/v1/streams/a/records"])
async def test_a_body_that_dribbles_ends_with_its_time_and_does_not_close_the_way_for_others(
    tmp_path: Path, path: bytes
) -> None:
    async with running_edge(tmp_path, GatewaySettings(forward_seconds=1.0)) as edge:
        head = b"POST " + path + b" HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        for _ in range(6):
            answer = await dribble(edge, head + b"content-length: 100000\r\n\r\n", b" ")
            assert status_of(answer) == 408
        assert (await edge.http.get("/api/v1/streams")).status_code == 200, "no circuit was opened"
