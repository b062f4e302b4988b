"""Requests of a core of the gateway, with all services behind it, beside a bare route of the same framework."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.edge.bench import Bench, Whole
from benchmarks.edge.load import Request, load
from benchmarks.engine.figures import Measured, Section, at_least, at_most, beside
from benchmarks.engine.process import cpu_seconds
from tests.e2e.system import free_port

SECONDS, QUICK_SECONDS = 10.0, 2.0
CALLERS = 8
LIGHT_SHARE, LIGHT_AIM = 1 / 3, 2 / 3
STREAM, MODEL = "edge", "edge"


@asynccontextmanager
async def bare_routes(answers: Mapping[str, Any]) -> AsyncIterator[tuple[int, int]]:
    """The port and the process of routes that give these answers."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.edge.bare", str(port), stdin=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(answers).encode())
    process.stdin.close()
    try:
        async with asyncio.timeout(30):
            while not await _listens(port):
                await asyncio.sleep(0.05)
        yield port, process.pid
    finally:
        process.terminate()
        await process.wait()


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionError:
        return False
    writer.close()
    return True


async def furnish(whole: Whole) -> None:
    """A model, a stream that it scores, and anomalies of it."""
    rows = records(2000)
    await whole.client.call(
        "POST",
        "/streams",
        json={"name": STREAM, "schema": {"fields": [{"name": name, "type": "float"} for name in rows[0]]}},
    )
    await whole.client.train(STREAM, MODEL, source={"data": rows})
    await whole.client.call("POST", f"/models/{MODEL}/promote", json={"stream": STREAM})
    spikes = [{name: value + 100 for name, value in row.items()} for row in records(100)]
    await whole.client.send(STREAM, spikes)
    async with asyncio.timeout(60):
        while len((await whole.client.call("GET", "/anomalies?limit=50"))["items"]) < 50:
            await asyncio.sleep(0.1)


def records(count: int) -> list[dict[str, float]]:
    values = np.random.default_rng(0).normal(size=(count, 5)).round(4)
    return [{f"f{place}": value for place, value in enumerate(row)} for row in values.tolist()]


async def measured(request: Request, pid: int) -> tuple[float, float]:
    """Requests of a CPU second of this process, and p99 in ms."""
    await load(replace(request, seconds=1.0))
    before = cpu_seconds(pid)
    found = await load(request)
    assert found.good == found.answered > 0, found
    return found.answered / (cpu_seconds(pid) - before), found.p99 * 1000


async def measure(bench: Bench) -> Section:
    whole, seconds = await bench.whole(), bench.sized(SECONDS, QUICK_SECONDS)
    await furnish(whole)
    figures: list[Measured] = []
    for name, request, light in calls(whole, seconds):
        rate, p99 = await measured(request, whole.pid)
        figure = at_least(name, rate, "requests/CPU s")
        figures += await _beside_bare(whole, figure, request) if light else [figure]
        figures.append(at_most(f"{name}, p99", p99, "ms"))
    return Section(figures)


async def _beside_bare(whole: Whole, figure: Measured, request: Request) -> list[Measured]:
    """The figure judged by a bare route that gives the same answer."""
    answer = await whole.client.call("GET", request.path.removeprefix("/api/v1"))
    path = request.path.partition("?")[0]
    async with bare_routes({path: answer}) as (port, pid):
        peer, p99 = await measured(replace(request, port=port), pid)
    judged = at_least(figure.figure, figure.value, figure.unit, peer * LIGHT_SHARE, peer * LIGHT_AIM)
    return [
        at_least(f"{figure.figure}, a bare route with this answer", peer, "requests/CPU s"),
        at_most(f"{figure.figure}, a bare route, p99", p99, "ms"),
        beside(judged, peer),
    ]


def calls(whole: Whole, seconds: float) -> list[tuple[str, Request, bool]]:
    """What is asked of the gateway, and whether it is light: nothing that takes work behind it."""
    headers = {"authorization": f"Bearer {whole.token}", "content-type": "application/json"}

    def request(method: str, path: str, body: object = None, callers: int = CALLERS) -> Request:
        text = "" if body is None else json.dumps(body)
        return Request(whole.port, method, f"/api/v1{path}", headers, text, callers, seconds)

    model = f"{MODEL}@1"
    return [
        ("health", request("GET", "/health/live"), True),
        ("list 10 anomalies", request("GET", "/anomalies?limit=10"), True),
        ("detect 1 row", request("POST", "/detect", {"data": records(1), "model": model}), False),
        ("detect 1,000 rows", request("POST", "/detect", {"data": records(1000), "model": model}), False),
        ("ingest 1,000 records", request("POST", f"/streams/{STREAM}/records", records(1000)), False),
    ]
