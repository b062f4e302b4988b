"""Routes of records: in, and back out of the lake."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from ad_chassis.http.moments import Moment, milliseconds
from ad_chassis.security import Principal, require
from ad_data.body import READERS
from ad_ingestion.api.formats import as_arrow, as_csv, as_json, as_parquet
from ad_ingestion.api.schemas import ReceiptAnswer
from ad_ingestion.api.seen import key_of
from ad_ingestion.domain.lake import RecordQuery
from ad_ingestion.ports import Lake, Store
from ad_ingestion.usecases.accept_records import Incoming, RecordAcceptor
from ad_ingestion.usecases.find_stream import find_stream
from ad_ingestion.usecases.read_records import read_records

Reader = Annotated[Principal, require("records:read")]
Writer = Annotated[Principal, require("records:write")]
Format = Literal["json", "arrow", "parquet", "csv"]
MEDIA_TYPES: dict[Format, str] = {
    "json": "application/json",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
}
JSON_LIMIT = 1000
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "Records in one of these forms; an array of objects, one object, or one object a line",
        "content": {
            name: {"schema": {"type": "array", "items": {"type": "object"}}}
            if name == "application/json"
            else {"schema": {"type": "string", "format": "binary"}}
            for name in READERS
        },
    }
}
IN_FORMATS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Records in the order of their acceptance, with `_id` and `_time`",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["items"],
                    "properties": {"items": {"type": "array", "items": {"type": "object"}}},
                }
            },
            **{
                MEDIA_TYPES[each]: {"schema": {"type": "string", "format": "binary"}}
                for each in ("arrow", "parquet", "csv")
            },
        },
    }
}


def routes(store: Store, lake: Lake, acceptor: RecordAcceptor) -> APIRouter:
    router = APIRouter(prefix="/api/v1/streams/{name}/records", tags=["records"])

    @router.post("", status_code=202, openapi_extra=BODY)
    async def post_records(
        name: str,
        request: Request,
        principal: Writer,
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
    ) -> ReceiptAnswer:
        """Accepts records. What does not fit the schema is rejected with a reason, the rest goes on."""
        incoming = Incoming(
            stream=key_of(principal, name),
            data=await request.body(),
            content_type=request.headers.get("content-type"),
            encoding=request.headers.get("content-encoding"),
            idempotency_key=idempotency_key,
        )
        return ReceiptAnswer.of(await acceptor.accept(incoming))

    @router.get("", response_class=Response, responses=IN_FORMATS)
    async def get_records(
        name: str,
        principal: Reader,
        from_: Annotated[Moment | None, Query(alias="from")] = None,
        to: Moment | None = None,
        limit: Annotated[int | None, Query(ge=1, le=100_000_000)] = None,
        latest: Annotated[bool, Query()] = False,
        format_: Annotated[Format, Query(alias="format")] = "json",
    ) -> StreamingResponse:
        """Records from the lake, by event time. JSON shows a thousand unless `limit` says more."""
        stream = await find_stream(store, key_of(principal, name))
        if limit is None and (format_ == "json" or latest):
            limit = JSON_LIMIT
        query = RecordQuery(milliseconds(from_), milliseconds(to), limit, latest)
        frames = read_records(store, lake, stream, query)
        content = {
            "json": lambda: as_json(frames),
            "csv": lambda: as_csv(frames, stream.schema),
            "arrow": lambda: as_arrow(frames, stream.schema),
            "parquet": lambda: as_parquet(frames, stream.schema),
        }[format_]()
        return StreamingResponse(content, media_type=MEDIA_TYPES[format_])

    return router
