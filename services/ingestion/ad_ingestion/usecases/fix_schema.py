"""Fixes the schema of a stream by its first records: the first request that gets there decides for all."""

import asyncio
from datetime import UTC, datetime

from ad_chassis.errors import Unprocessable
from ad_data.errors import SchemaError
from ad_data.schema import StreamSchema
from ad_ingestion.domain.sorting import inferred
from ad_ingestion.domain.streams import InvalidStream, Stream, StreamKey, with_schema
from ad_ingestion.ports import Store
from ad_ingestion.usecases.find_stream import existing


async def fix_schema(store: Store, stream: Stream, data: bytes, content_type: str | None) -> Stream:
    """The stream with a schema: the inferred one, or that of somebody who was faster."""
    try:
        schema = await asyncio.to_thread(inferred, data, content_type, stream.hints)
        return await _fixed(store, stream.key, schema)
    except (SchemaError, InvalidStream) as error:
        raise Unprocessable(
            f"the schema of the stream cannot be inferred from these records: {error}"
        ) from error


async def _fixed(store: Store, key: StreamKey, schema: StreamSchema) -> Stream:
    # The row is locked from here to the commit, so two first requests cannot fix two schemas.
    async with store.transaction(key[0]) as work:
        current = await existing(work, key)
        if current.schema is not None:
            return current
        fixed = with_schema(current, schema, datetime.now(UTC))
        await work.save_stream(fixed)
    await store.tell()
    return fixed
