"""Records of a range of the lake, which belongs to ingestion, in the order of their acceptance."""

import asyncio
import io
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import replace

import httpx2
import polars as pl

from ad_chassis.errors import Unavailable
from ad_chassis.http import ServiceClient
from ad_contracts.headers import iso_time
from ad_data.arrow import read_arrow
from ad_detection.adapters.arrow_messages import ArrowStreamError, arrow_streams
from ad_detection.domain.chunks import Chunk, Message
from ad_detection.domain.control import StreamRule
from ad_detection.domain.replays import ReplayRequest

ARROW = "application/vnd.apache.arrow.stream"
READ_TIMEOUT_SECONDS = 120.0
FEW_ROWS, MOST_ROWS = 20_000, 50_000
ID, TIME = "_id", "_time"


class LakeRange:
    """The lake does not know partitions: what one entity showed stands in its order, and the whole is one partition.

    A detector knows nothing but the rows of an entity, so the scores are those of the partitions.
    """

    def __init__(self, ingestion: Callable[[], ServiceClient], clock_ms: Callable[[], int]) -> None:
        # Made when it is first needed: detection starts without an address of ingestion.
        self._ingestion = ingestion
        self._clock_ms = clock_ms

    async def chunks(self, rule: StreamRule, request: ReplayRequest) -> AsyncGenerator[Chunk, None]:
        """`rule` has the schema of accepted records."""
        end = self._clock_ms() if request.to_ms is None else request.to_ms
        begin: int | None = None
        spans = [(request.from_ms, request.to_ms, False)]
        if request.warm_from_ms is not None:
            spans.insert(0, (request.warm_from_ms, request.from_ms, True))
        for from_ms, to_ms, warm in spans:
            async for frame in self._frames(rule, from_ms, to_ms):
                chunk = await asyncio.to_thread(chunk_of, rule, frame, warm)
                begin = chunk.first_ms if begin is None else begin
                share = (chunk.last_ms - begin) / max(end - begin, 1)
                yield replace(chunk, progress=min(max(share, 0.0), 1.0))

    async def _frames(
        self, rule: StreamRule, from_ms: int | None, to_ms: int | None
    ) -> AsyncIterator[pl.DataFrame]:
        """Of a size that is worth a call: small files are put together, large ones cut."""
        held: list[pl.DataFrame] = []
        async for data in self._batches(rule, from_ms, to_ms):
            held.append(await asyncio.to_thread(read_arrow, data))
            if sum(frame.height for frame in held) >= FEW_ROWS:
                for frame in pl.concat(held).iter_slices(MOST_ROWS):
                    yield frame
                held = []
        if any(frame.height for frame in held):
            yield pl.concat(held)

    async def _batches(
        self, rule: StreamRule, from_ms: int | None, to_ms: int | None
    ) -> AsyncIterator[bytes]:
        times = {"from": from_ms, "to": to_ms}
        params = {name: iso_time(value) for name, value in times.items() if value is not None}
        request = self._ingestion().stream(
            "GET",
            f"/api/v1/streams/{rule.stream}/records",
            params=params | {"format": "arrow"},
            tenant=rule.tenant,
            timeout_seconds=READ_TIMEOUT_SECONDS,
        )
        try:
            async with request as response:
                async for data in arrow_streams(response.aiter_bytes()):
                    yield data
        except (httpx2.TransportError, ArrowStreamError) as error:
            raise Unavailable(f"ingestion broke off its answer: {type(error).__name__}: {error}") from error


def chunk_of(rule: StreamRule, frame: pl.DataFrame, warm: bool) -> Chunk:
    """Rows of the lake as one message, each at the time that it was given when it was accepted."""
    schema = rule.schema
    timestamp = schema.timestamp or ""
    have = [name for name in schema.names if name in frame.columns and name != timestamp]
    times = frame[TIME].dt.epoch("ms")
    first, last = int(times.min() or 0), int(times.max() or 0)  # type: ignore[arg-type]  # of whole numbers
    buffer = io.BytesIO()
    frame.select(*have, pl.col(TIME).alias(timestamp)).write_ipc_stream(buffer)
    headers = (("ce_source", rule.stream.encode()), ("content-type", ARROW.encode()))
    message = Message(buffer.getvalue(), headers, last)
    return Chunk(rule.topic, 0, [message], first, last, warm, frame[ID])
