"""What a user does, over the gateway alone."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import websockets

Rows = list[dict[str, Any]]


class Client:
    """REST and WebSocket with an API key."""

    def __init__(self, url: str, api_key: str) -> None:
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self._url = url
        self.http = httpx2.AsyncClient(base_url=f"{url}/api/v1", headers=self._headers, timeout=60)

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def call(self, method: str, path: str, **options: Any) -> Any:
        answer = await self.http.request(method, path, **options)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def create_stream(self, name: str) -> None:
        schema = {
            "fields": [
                {"name": "time", "type": "timestamp"},
                {"name": "sensor", "type": "string"},
                {"name": "load", "type": "float"},
                {"name": "heat", "type": "float"},
            ],
            "entity": "sensor",
            "timestamp": "time",
        }
        body = {"name": name, "schema": schema, "settings": {"publish_scores": True}}
        await self.call("POST", "/streams", json=body)

    async def send(self, stream: str, rows: Rows) -> dict[str, Any]:
        answer: dict[str, Any] = await self.call("POST", f"/streams/{stream}/records", json=rows)
        return answer

    async def train(self, stream: str, model: str, **changes: Any) -> str:
        body = {
            "model": model,
            "algorithm": "isolation_forest",
            "contamination": 0.02,
            "source": {"stream": stream},
        }
        job = await self.call("POST", "/train", json=body | changes)
        async with asyncio.timeout(60):
            while job["status"] in {"queued", "running"}:
                await asyncio.sleep(0.1)
                job = await self.call("GET", f"/train/{job['id']}")
        assert job["status"] == "succeeded", job
        return f"{job['model']}@{job['version']}"

    async def every(self, path: str, stream: str) -> Rows:
        items: Rows = []
        query = {"stream": stream, "limit": "1000"}
        while True:
            page = await self.call("GET", path, params=query)
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            query["cursor"] = page["next_cursor"]

    async def scores(self, stream: str, count: int, seconds: float = 60) -> Rows:
        """All scores of a stream, once there are as many as records."""
        found: Rows = []

        async def enough() -> bool:
            found[:] = await self.every("/scores", stream)
            return len(found) >= count

        await until(enough, seconds, lambda: f"{len(found)} of {count} records of {stream} are scored")
        return found

    async def until_scored_by(self, stream: str, version: str | None, rows: Callable[[], Rows]) -> int:
        """Sends single records until one is scored by a version; gives how many."""
        sent = 0
        async with asyncio.timeout(60):
            while True:
                before = len(await self.every("/scores", stream))
                sent += 1
                await self.send(stream, rows())
                if (await self.scores(stream, before + 1))[-1]["model_version"] == version:
                    return sent

    @asynccontextmanager
    async def follow(self, stream: str) -> AsyncIterator[Rows]:
        """Collects the anomalies of a stream from the WebSocket while the block runs."""
        found: Rows = []
        address = f"{self._url.replace('http', 'ws', 1)}/api/v1/ws/anomalies?stream={stream}"
        async with websockets.connect(address, additional_headers=self._headers) as socket:
            first = json.loads(await asyncio.wait_for(socket.recv(), 30))
            assert first["type"] == "ready", first

            async def listen() -> None:
                async for text in socket:
                    message = json.loads(text)
                    if message["type"] == "anomaly":
                        found.append(message["anomaly"])

            listening = asyncio.create_task(listen())
            try:
                yield found
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)


async def until(
    condition: Callable[[], Awaitable[bool]],
    seconds: float,
    why: Callable[[], str] = lambda: "it did not happen",
) -> None:
    try:
        async with asyncio.timeout(seconds):
            while not await condition():
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"after {seconds:g} s {why()}") from None
