"""Callers in a process of their own: closed loops over kept connections, with as little Python as will do.

`python -m benchmarks.edge.load`, one JSON document on standard input, one line of JSON as the answer.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import uvloop

from benchmarks.engine.figures import percentile

LENGTH = b"content-length:"


@dataclass(frozen=True)
class Request:
    """What each caller sends again and again."""

    port: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: str = ""
    callers: int = 8
    seconds: float = 5.0
    pause: float = 0.0
    """Of a caller between its calls; its callers begin spread over it."""


@dataclass(frozen=True)
class Load:
    statuses: Mapping[str, int]
    median: float
    p99: float

    @property
    def answered(self) -> int:
        return sum(self.statuses.values())

    @property
    def good(self) -> int:
        return sum(count for status, count in self.statuses.items() if status.startswith("2"))


async def load(request: Request) -> Load:
    """Runs this file with a request."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "benchmarks.edge.load",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate(json.dumps(asdict(request)).encode())
    assert process.returncode == 0
    return Load(**json.loads(said))


async def _main(request: Request) -> Load:
    text = _text(request)
    statuses, seconds = Counter[str](), list[float]()
    end = time.perf_counter() + request.seconds
    step = request.pause / request.callers
    await asyncio.gather(
        *(_caller(request, text, each * step, end, statuses, seconds) for each in range(request.callers))
    )
    return Load(dict(statuses), percentile(seconds, 0.5), percentile(seconds, 0.99))


async def _caller(
    request: Request, text: bytes, after: float, end: float, statuses: Counter[str], seconds: list[float]
) -> None:
    await asyncio.sleep(after)
    reader, writer = await asyncio.open_connection("127.0.0.1", request.port, limit=2**24)
    while (begun := time.perf_counter()) < end:
        writer.write(text)
        head = await reader.readuntil(b"\r\n\r\n")
        await _rest(reader, head)
        seconds.append(time.perf_counter() - begun)
        statuses[head[9:12].decode()] += 1
        if request.pause:
            await asyncio.sleep(request.pause)
    writer.close()


async def _rest(reader: asyncio.StreamReader, head: bytes) -> None:
    """The body, however it is framed."""
    lower = head.lower()
    if (at := lower.find(LENGTH)) >= 0:
        length = int(lower[at + len(LENGTH) : lower.index(b"\r\n", at)])
        await reader.readexactly(length)
    elif b"chunked" in lower:
        while size := int(await reader.readuntil(b"\r\n"), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)


def _text(request: Request) -> bytes:
    body = request.body.encode()
    lines = [f"{request.method} {request.path} HTTP/1.1", "host: bench", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


if __name__ == "__main__":
    found = uvloop.run(_main(Request(**json.loads(sys.stdin.read()))))
    print(json.dumps(asdict(found)))
