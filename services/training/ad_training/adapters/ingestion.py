"""What training asks the ingestion service: what a stream is, and its records."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2

from ad_chassis.errors import NotFound, Unavailable
from ad_chassis.http import ServiceClient
from ad_data.schema import NUMERIC
from ad_training.ports import StreamFacts, TrainingFailed

SHOWN_STREAMS = 20
ATTEMPTS = 3
WAIT_SECONDS = 0.5
READ_TIMEOUT_SECONDS = 120.0
PARAMETERS = ("from", "to", "limit")


class IngestionStreams:
    def __init__(self, ingestion: ServiceClient, max_bytes: int) -> None:
        self._ingestion = ingestion
        self._max_bytes = max_bytes

    async def describe(self, tenant: str, stream: str) -> StreamFacts:
        try:
            answer = (await self._ingestion.get(f"/api/v1/streams/{stream}", tenant=tenant)).json()
        except NotFound as error:
            raise NotFound(
                f"there is no stream {stream!r}; valid choices: {await self._choices(tenant)}"
            ) from error
        return StreamFacts(_features(answer["schema"]), int(answer["counts"]["accepted"]))

    async def fetch(self, tenant: str, source: dict[str, Any], into: Path) -> None:
        """A broken connection starts the whole transfer again: half of the records would be another model."""
        for attempt in range(ATTEMPTS):
            try:
                return await self._download(tenant, source, into)
            except Unavailable:
                if attempt == ATTEMPTS - 1:
                    raise
                await asyncio.sleep(WAIT_SECONDS * 2**attempt)
        return None

    async def _download(self, tenant: str, source: dict[str, Any], into: Path) -> None:
        path = f"/api/v1/streams/{source['stream']}/records"
        params = {"format": "arrow"} | {name: source[name] for name in PARAMETERS if name in source}
        request = self._ingestion.stream(
            "GET", path, params=params, tenant=tenant, timeout_seconds=READ_TIMEOUT_SECONDS
        )
        size = 0
        file = await asyncio.to_thread(into.open, "wb")
        with file:
            try:
                async with request as response:
                    async for chunk in response.aiter_bytes():
                        size += len(chunk)
                        self._check(size)
                        await asyncio.to_thread(file.write, chunk)
            except httpx2.TransportError as error:
                raise Unavailable(f"ingestion broke off its answer: {type(error).__name__}") from error

    def _check(self, size: int) -> None:
        if size > self._max_bytes:
            raise TrainingFailed(
                f"the records are more than {self._max_bytes // 2**20} MB, which is what this service takes; "
                "choose fewer with 'from', 'to' or 'limit'"
            )

    async def _choices(self, tenant: str) -> str:
        answer = await self._ingestion.get("/api/v1/streams", params={"limit": SHOWN_STREAMS}, tenant=tenant)
        return ", ".join(item["name"] for item in answer.json()["items"]) or "none, create one first"


def _features(schema: dict[str, Any] | None) -> tuple[str, ...] | None:
    """As `StreamSchema.features`: exactly what detection hands to a model of the stream."""
    if schema is None:
        return None
    entity = schema.get("entity")
    return tuple(
        field["name"] for field in schema["fields"] if field["type"] in NUMERIC and field["name"] != entity
    )
