"""Routes of tenants, for whoever runs the platform: the services' own key opens them."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter

from ad_auth.api.schemas import TenantAnswer, TenantChange, TenantPath
from ad_auth.ports import Revocations, Store
from ad_auth.usecases.suspend_tenant import suspend_tenant, tenant_of
from ad_chassis.security import Principal, require

Reader = Annotated[Principal, require("tenants:read")]
Writer = Annotated[Principal, require("tenants:write")]


def routes(store: Store, revocations: Revocations) -> APIRouter:
    router = APIRouter(prefix="/api/v1/tenants", tags=["tenants"])

    @router.get("/{tenant}")
    async def get_tenant(tenant: TenantPath, _principal: Reader) -> TenantAnswer:
        """A tenant, and since when it is suspended."""
        async with store.transaction(tenant, read_only=True) as work:
            return TenantAnswer.model_validate(await tenant_of(work, tenant))

    @router.patch("/{tenant}")
    async def update_tenant(tenant: TenantPath, body: TenantChange, principal: Writer) -> TenantAnswer:
        """Suspends a tenant, whose tokens end at once and which gets no others, or admits it again."""
        now = datetime.now(UTC)
        changed = await suspend_tenant(
            store, revocations, by=principal, name=tenant, suspended=body.suspended, now=now
        )
        return TenantAnswer.model_validate(changed)

    return router
