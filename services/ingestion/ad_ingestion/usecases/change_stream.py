"""Changes the settings of a stream, and its rules for odd records."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from ad_chassis.errors import Conflict, Unprocessable
from ad_data.errors import SchemaError
from ad_data.schema import StreamSchema
from ad_ingestion.domain.streams import (
    InvalidStream,
    SchemaFixed,
    Stream,
    StreamKey,
    changed,
    require_same_fields,
    with_schema,
)
from ad_ingestion.ports import Limited, RecordLog, Store
from ad_ingestion.usecases.check_entities import check_entities, entity_room
from ad_ingestion.usecases.find_stream import existing

RULES = ("on_missing", "on_extra", "max_age_seconds", "max_future_seconds")


async def change_stream(
    store: Store,
    log: RecordLog,
    limited: Limited,
    key: StreamKey,
    *,
    rules: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    schema: StreamSchema | None = None,
    seen: Collection[str] | None = None,
) -> Stream:
    """A whole schema is taken as long as there is none; later only its rules may differ.

    Who is refused hears of streams `seen`.
    """
    now = datetime.now(UTC)
    rules = dict(rules or {})
    room = await entity_room(log, limited, key[0], seen)
    async with store.transaction(key[0]) as work:
        before = await existing(work, key)
        after = before
        try:
            if schema is not None and before.schema is None:
                after = with_schema(before, schema, now)
            elif schema is not None:
                require_same_fields(before, schema)
                rules = {name: getattr(schema, name) for name in RULES} | rules
            after = changed(after, rules, settings or {}, now)
        except SchemaFixed as error:
            raise Conflict(str(error)) from error
        except (InvalidStream, SchemaError) as error:
            raise Unprocessable(str(error)) from error
        if after != before:
            await check_entities(work, room, after, before=before)
            await work.save_stream(after)
    await store.tell()
    return after
