"""Routes of streams."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from ad_chassis.security import Principal, require
from ad_ingestion.api.schemas import NewStream, StreamAnswer, StreamChange, StreamsPage
from ad_ingestion.api.seen import check_new, key_of
from ad_ingestion.domain.streams import StreamSettings
from ad_ingestion.ports import Deployments, Lake, Limited, RecordLog, Store, TenantDirectory
from ad_ingestion.usecases.change_stream import change_stream
from ad_ingestion.usecases.create_stream import create_stream
from ad_ingestion.usecases.delete_stream import delete_stream
from ad_ingestion.usecases.find_stream import find_stream

Reader = Annotated[Principal, require("streams:read")]
Writer = Annotated[Principal, require("streams:write")]
Limit = Annotated[int, Query(ge=1, le=1000)]


def routes(
    store: Store,
    lake: Lake,
    log: RecordLog,
    tenants: TenantDirectory,
    limited: Limited,
    deployments: Deployments,
) -> APIRouter:
    router = APIRouter(prefix="/api/v1/streams", tags=["streams"])

    @router.post("", status_code=201)
    async def post_stream(body: NewStream, response: Response, principal: Writer) -> StreamAnswer:
        """Creates a stream. Without a schema, its first records fix one."""
        check_new(principal, body.name)
        hints = body.hints()
        stream = await create_stream(
            store,
            log,
            tenants,
            limited,
            tenant=principal.tenant,
            name=body.name,
            schema=body.fixed.domain() if body.fixed else None,
            hints=hints,
            settings=StreamSettings(**body.settings.model_dump()),
            lower_entities="max_entities" not in body.settings.model_fields_set,
            topic_name=body.topic,
            seen=principal.streams,
        )
        response.headers["Location"] = f"/api/v1/streams/{stream.name}"
        return StreamAnswer.of(stream)

    @router.get("")
    async def list_streams(principal: Reader, limit: Limit = 50, cursor: str | None = None) -> StreamsPage:
        """Streams by name."""
        async with store.transaction(principal.tenant, read_only=True) as work:
            found = await work.streams(principal.tenant, cursor, limit + 1, principal.streams)
        shown = found[:limit]
        next_cursor = shown[-1].name if len(found) > limit else None
        return StreamsPage(items=[StreamAnswer.of(each) for each in shown], next_cursor=next_cursor)

    @router.get("/{name}")
    async def get_stream(name: str, principal: Reader) -> StreamAnswer:
        """A stream with its schema (null until its first records), settings and counters."""
        return StreamAnswer.of(await find_stream(store, key_of(principal, name)))

    @router.patch("/{name}")
    async def patch_stream(name: str, body: StreamChange, principal: Writer) -> StreamAnswer:
        """Changes settings and the rules for odd records; the fields of a schema stay as they are."""
        stream = await change_stream(
            store,
            log,
            limited,
            key_of(principal, name),
            rules=body.given(),
            settings=body.changed_settings(),
            schema=body.fixed.domain() if body.fixed else None,
            seen=principal.streams,
        )
        return StreamAnswer.of(stream)

    @router.delete("/{name}", status_code=204)
    async def remove_stream(name: str, principal: Writer, *, purge: bool = False) -> None:
        """Deletes a stream and withdraws its model; no list shows more of it. `purge` removes its records too."""
        await delete_stream(store, lake, deployments, key_of(principal, name), purge=purge)

    return router
