"""Routes of roles."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Response

from ad_auth.api.schemas import NewRole, RoleAnswer, RoleChange, RolePath, RolesPage
from ad_auth.domain.roles import ROLES
from ad_auth.ports import Revocations, Store
from ad_auth.usecases.change_role import change_role
from ad_auth.usecases.create_role import create_role
from ad_auth.usecases.delete_role import delete_role
from ad_chassis.errors import NotFound
from ad_chassis.security import Principal, require
from ad_chassis.security.permissions import GRANTABLE, PERMISSIONS, expanded, scopes_of

Reader = Annotated[Principal, require("roles:read")]
Writer = Annotated[Principal, require("roles:write")]
GIVEN: dict[str, str] = {name: what for name, what in PERMISSIONS.items() if name in GRANTABLE}


def routes(store: Store, revocations: Revocations) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["roles"])
    _add_reads(router, store)
    _add_changes(router, store, revocations)
    return router


def _add_reads(router: APIRouter, store: Store) -> None:
    @router.get("/roles")
    async def list_roles(principal: Reader) -> RolesPage:
        """The roles that users and keys can have, and all permissions that there are."""
        async with store.transaction(principal.tenant, read_only=True) as work:
            made = await work.roles(principal.tenant)
        own = [_answer(role.name, role.permissions) for role in made]
        built_in = [_answer(name, allowed) for name, allowed in ROLES.items()]
        return RolesPage(items=[*built_in, *own], permissions=GIVEN)

    @router.get("/roles/{name}")
    async def get_role(name: RolePath, principal: Reader) -> RoleAnswer:
        """One role."""
        if name in ROLES:
            return _answer(name, ROLES[name])
        async with store.transaction(principal.tenant, read_only=True) as work:
            role = await work.role(principal.tenant, name)
        if role is None:
            raise NotFound(f"there is no role {name!r}; GET /api/v1/roles lists those there are")
        return _answer(name, role.permissions)


def _add_changes(router: APIRouter, store: Store, revocations: Revocations) -> None:
    @router.post("/roles", status_code=201)
    async def add_role(body: NewRole, response: Response, principal: Writer) -> RoleAnswer:
        """Makes a role; 403 for permissions that the caller does not have."""
        now = datetime.now(UTC)
        role = await create_role(store, by=principal, name=body.name, permissions=body.permissions, now=now)
        response.headers["Location"] = f"/api/v1/roles/{role.name}"
        return _answer(role.name, role.permissions)

    @router.put("/roles/{name}")
    async def put_role(name: RolePath, body: RoleChange, principal: Writer) -> RoleAnswer:
        """Gives a role other permissions, which counts at once for all who have it."""
        now = datetime.now(UTC)
        role = await change_role(
            store, revocations, by=principal, name=name, permissions=body.permissions, now=now
        )
        return _answer(role.name, role.permissions)

    @router.delete("/roles/{name}", status_code=204)
    async def remove_role(name: RolePath, principal: Writer) -> None:
        """Removes a role; 409 while somebody has it."""
        await delete_role(store, by=principal, name=name, now=datetime.now(UTC))


def _answer(name: str, permissions: Collection[str]) -> RoleAnswer:
    return RoleAnswer(
        name=name,
        built_in=name in ROLES,
        permissions=scopes_of(permissions),
        allows=sorted(expanded(permissions)),
    )
