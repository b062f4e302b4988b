"""The few calls that the demo makes, as any program would make them."""

import asyncio
import json
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any

import httpx2
import websockets


class Platform:
    """A client of the gateway that signs in with an API key."""

    def __init__(self, address: str, api_key: str) -> None:
        self._address = address
        self._api_key = api_key
        self._http = httpx2.AsyncClient(base_url=f"{address}/api/v1", timeout=60)
        self._token = ""

    async def __aenter__(self) -> "Platform":
        _, key_id, secret = self._api_key.split("_", 2)
        form = {"grant_type": "client_credentials", "client_id": key_id, "client_secret": secret}
        answer = await self._http.post("/auth/token", data=form)
        self._checked(answer)
        self._token = answer.json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {self._token}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    @staticmethod
    def _checked(answer: httpx2.Response) -> Any:
        if answer.is_error:
            raise SystemExit(
                f"demo: {answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
            )
        return answer.json() if answer.content else None

    async def create_stream(self, name: str) -> None:
        body = {"name": name, "timestamp": "timestamp", "settings": {"publish_scores": True}}
        self._checked(await self._http.post("/streams", json=body))

    async def send(self, stream: str, rows: list[dict[str, object]]) -> Any:
        return self._checked(await self._http.post(f"/streams/{stream}/records", json=rows))

    async def train(self, stream: str, algorithm: str, contamination: float) -> str:
        body = {
            "model": stream,
            "algorithm": algorithm,
            "contamination": contamination,
            "source": {"stream": stream},
        }
        job = self._checked(await self._http.post("/train", json=body))
        while job["status"] in {"queued", "running"}:
            await asyncio.sleep(0.1)
            job = self._checked(await self._http.get(f"/train/{job['id']}"))
        if job["status"] != "succeeded":
            raise SystemExit(f"demo: training {job['status']}: {job['error']}")
        return f"{job['model']}@{job['version']}"

    async def promote(self, stream: str) -> None:
        self._checked(await self._http.post(f"/models/{stream}/promote", json={"stream": stream}))

    async def scores(self, stream: str) -> list[dict[str, Any]]:
        return await self._all("/scores", stream)

    async def anomaly_ids(self, stream: str) -> set[str]:
        return {anomaly["id"] for anomaly in await self._all("/anomalies", stream)}

    async def _all(self, path: str, stream: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        query = {"stream": stream, "limit": "1000"}
        while True:
            page = self._checked(await self._http.get(path, params=query))
            items += page["items"]
            if not page["next_cursor"]:
                return items
            query["cursor"] = page["next_cursor"]

    async def anomalies(self) -> AsyncIterator[dict[str, Any]]:
        address = self._address.replace("http", "ws", 1) + "/api/v1/ws/anomalies"
        headers = {"Authorization": f"Bearer {self._token}"}
        async with websockets.connect(address, additional_headers=headers) as socket:
            async for message in socket:
                yield json.loads(message)
