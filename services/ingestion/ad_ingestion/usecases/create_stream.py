"""Creates a stream, with its schema or with hints for the one that its first records suggest."""

from collections.abc import Collection
from datetime import UTC, datetime

from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Conflict, Unprocessable
from ad_contracts.topics import topic
from ad_data.errors import SchemaError
from ad_data.schema import StreamSchema
from ad_ingestion.domain.streams import (
    Hints,
    InvalidStream,
    Stream,
    StreamSettings,
    checked_name,
    checked_schema,
    checked_settings,
    removed,
    successor,
)
from ad_ingestion.domain.topics import checked_topic, own_topic
from ad_ingestion.ports import Limited, RecordLog, Store, TenantDirectory
from ad_ingestion.usecases.check_entities import check_entities, entity_room
from ad_ingestion.usecases.check_quotas import check_streams


async def create_stream(
    store: Store,
    log: RecordLog,
    tenants: TenantDirectory,
    limited: Limited,
    *,
    tenant: str,
    name: str,
    schema: StreamSchema | None = None,
    hints: Hints | None = None,
    settings: StreamSettings | None = None,
    lower_entities: bool = False,
    topic_name: str | None = None,
    seen: Collection[str] | None = None,
) -> Stream:
    """With `lower_entities`, `max_entities` gives way to the tenant's quota; who is refused hears of streams `seen`."""
    try:
        checked_name(name)
        if schema is not None:
            checked_schema(schema)
        chosen_settings = checked_settings(settings or StreamSettings())
    except (InvalidStream, SchemaError) as error:
        raise Unprocessable(str(error)) from error
    await tenants.prepare(tenant)
    chosen = await _topic(store, log, tenant, name, topic_name)
    room = await entity_room(log, limited, tenant, seen)
    now = datetime.now(UTC)
    wanted = Stream(tenant, name, chosen, now, now, schema, hints or Hints(), chosen_settings)
    async with store.transaction(tenant) as work:
        before = await work.stream(wanted.key)
        if before is not None and not before.deleted:
            raise Conflict(f"stream {name!r} exists already; PATCH /api/v1/streams/{name} changes it")
        await check_streams(work, limited, tenant)
        fitting = await check_entities(work, room, wanted, lower=lower_entities)
        created = successor(fitting, before)
        await work.save_stream(created)
    await _make_topic(store, log, created)
    await store.tell()
    return created


async def _make_topic(store: Store, log: RecordLog, created: Stream) -> None:
    """Only once the stream may be, and a stream whose topic cannot be made is none."""
    if created.topic != own_topic(created.tenant, created.name):
        return
    try:
        await log.create(created.topic, created.tenant)
    except BaseException:
        async with store.transaction(created.tenant) as work:
            await work.save_stream(removed(created, datetime.now(UTC)))
        raise


async def _topic(store: Store, log: RecordLog, tenant: str, stream: str, name: str | None) -> str:
    shared = topic("records", tenant)
    if name is None or name == shared:
        return shared
    async with store.transaction(EVERY_TENANT, read_only=True) as work:
        owners = await work.tenants_on(name)
    try:
        checked_topic(name, tenant=tenant, stream=stream, existing=await log.existing(), owners=owners)
    except InvalidStream as error:
        raise Unprocessable(str(error)) from error
    return name
