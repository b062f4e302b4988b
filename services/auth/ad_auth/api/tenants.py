"""Routes of tenants, for whoever runs the platform: the services' own key opens them."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from ad_auth.api.grant_problems import NO_STORE
from ad_auth.api.schemas import (
    NewTenant,
    NewTenantAnswer,
    TenantAnswer,
    TenantChange,
    TenantPath,
    TenantsPage,
)
from ad_auth.ports import Revocations, Store
from ad_auth.usecases.change_tenant import change_tenant, tenant_of
from ad_auth.usecases.create_tenant import create_tenant
from ad_chassis.database import EVERY_TENANT
from ad_chassis.security import Principal, require

Reader = Annotated[Principal, require("tenants:read")]
Writer = Annotated[Principal, require("tenants:write")]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=63, pattern=r"^[^\x00]*$")]


def routes(store: Store, revocations: Revocations, environment: str) -> APIRouter:
    router = APIRouter(prefix="/api/v1/tenants", tags=["tenants"])
    _add_reads(router, store)
    _add_changes(router, store, revocations, environment)
    return router


def _add_reads(router: APIRouter, store: Store) -> None:
    @router.get("")
    async def list_tenants(_principal: Reader, limit: Limit = 50, cursor: Cursor = None) -> TenantsPage:
        """All tenants, by name."""
        async with store.transaction(EVERY_TENANT, read_only=True) as work:
            found = await work.tenants(cursor, limit)
        next_cursor = found[-1].tenant if len(found) == limit else None
        return TenantsPage(
            items=[TenantAnswer.model_validate(each) for each in found], next_cursor=next_cursor
        )

    @router.get("/{tenant}")
    async def get_tenant(tenant: TenantPath, _principal: Reader) -> TenantAnswer:
        """A tenant: its quotas, and since when it is suspended."""
        async with store.transaction(tenant, read_only=True) as work:
            return TenantAnswer.model_validate(await tenant_of(work, tenant))


def _add_changes(router: APIRouter, store: Store, revocations: Revocations, environment: str) -> None:
    @router.post("", status_code=201)
    async def add_tenant(body: NewTenant, response: Response, principal: Writer) -> NewTenantAnswer:
        """Makes a tenant, and shows the key of its first administrator, this once."""
        tenant, key = await create_tenant(
            store,
            by=principal,
            name=body.name,
            quotas=body.quotas.model_dump(),
            environment=environment,
            now=datetime.now(UTC),
        )
        response.headers.update({"Location": f"/api/v1/tenants/{tenant.tenant}", **NO_STORE})
        return NewTenantAnswer(**TenantAnswer.model_validate(tenant).model_dump(), key=key)

    @router.patch("/{tenant}")
    async def update_tenant(tenant: TenantPath, body: TenantChange, principal: Writer) -> TenantAnswer:
        """Suspends a tenant, whose tokens end at once and which gets no others, admits it, or changes its quotas."""
        changed = await change_tenant(
            store,
            revocations,
            by=principal,
            name=tenant,
            now=datetime.now(UTC),
            suspended=body.suspended,
            quotas=None if body.quotas is None else body.quotas.model_dump(exclude_unset=True),
        )
        return TenantAnswer.model_validate(changed)
