"""Routes by which the data of a tenant is handed out and erased; the services' own key opens them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from ad_chassis.errors import Conflict, NotFound, Unprocessable
from ad_chassis.platform import DEFAULT_TENANT
from ad_chassis.security import Principal, require
from ad_chassis.security.access import TENANT_NAME
from ad_chassis.tenants.holdings import Holdings

Reader = Annotated[Principal, require("tenants:read")]
Writer = Annotated[Principal, require("tenants:write")]
Name = Annotated[str, Path(pattern=f"^{TENANT_NAME.pattern}$")]
Confirmed = Annotated[str, Query(description="The name of the tenant once more")]
Erase = Callable[[str], Awaitable[Mapping[str, int]]]
NDJSON = "application/x-ndjson"
LINES: dict[int | str, dict[str, object]] = {
    200: {
        "description": "A line for each row and object, and one that says `end`: without it, it broke off",
        "content": {NDJSON: {"schema": {"type": "string"}}},
    }
}
BYTES: dict[int | str, dict[str, object]] = {
    200: {
        "description": "The object",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Erased(BaseModel):
    erased: dict[str, int] = Field(description="By table, folder of the object store, and topics")


def tenant_routes(
    service: str, holdings: Holdings, suspended: Callable[[str], Awaitable[bool]], erase: Erase
) -> APIRouter:
    """`erase` takes away what the service holds, the holdings among it; a second time it finds nothing."""
    router = APIRouter(prefix="/api/v1/tenants/{tenant}", tags=["tenants"])

    @router.get(
        f"/data/{service}",
        name=f"export_tenant_of_{service}",
        response_class=StreamingResponse,
        responses=LINES,
    )
    async def export_tenant(tenant: Name, _principal: Reader) -> StreamingResponse:
        """All that this service holds of a tenant, but secrets: rows, and the keys of objects."""
        return StreamingResponse(_lines(holdings, tenant), media_type=NDJSON)

    @router.get(
        f"/objects/{service}",
        name=f"export_object_of_{service}",
        response_class=StreamingResponse,
        responses=BYTES,
    )
    async def export_object(
        tenant: Name, _principal: Reader, key: Annotated[str, Query(max_length=1024)]
    ) -> StreamingResponse:
        """An object of a tenant, by a key of the export."""
        if not await holdings.holds(tenant, key):
            raise NotFound(f"the tenant {tenant!r} has no object {key!r} here")
        return StreamingResponse(holdings.stream(key), media_type="application/octet-stream")

    @router.delete(f"/data/{service}", name=f"erase_tenant_of_{service}")
    async def erase_tenant(tenant: Name, _principal: Writer, confirm: Confirmed) -> Erased:
        """Erases all that this service holds of a suspended tenant. It can be repeated until nothing is found."""
        if confirm != tenant:
            raise Unprocessable(f"confirm: it must be {tenant!r}, the name of the tenant that is erased")
        if tenant == DEFAULT_TENANT:
            raise Conflict(
                f"the tenant {tenant!r} belongs to the installation; its key of services lives there"
            )
        if not await suspended(tenant):
            raise Conflict(
                f"the tenant {tenant!r} is not suspended; suspend it first, so that nothing comes in"
            )
        return Erased(erased=dict(await erase(tenant)))

    return router


async def _lines(holdings: Holdings, tenant: str) -> AsyncIterator[bytes]:
    rows = 0
    async for table, row in holdings.rows(tenant):
        rows += 1
        yield _line({"table": table, "row": row})
    objects = await holdings.objects(tenant)
    for key, size in objects.items():
        yield _line({"object": key, "size_bytes": size})
    yield _line({"end": {"rows": rows, "objects": len(objects)}})


def _line(what: object) -> bytes:
    return msgspec.json.encode(what) + b"\n"
