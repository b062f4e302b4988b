"""Routes of users and roles, and of who calls."""

from datetime import UTC, datetime
from typing import Annotated, cast

from fastapi import APIRouter, Query, Response

from ad_auth.api.schemas import (
    Id,
    MeAnswer,
    NewUser,
    RoleAnswer,
    RolesPage,
    UserAnswer,
    UserChange,
    UsersPage,
)
from ad_auth.domain.roles import ROLES, Role
from ad_auth.ports import Passwords, Revocations, Store
from ad_auth.usecases.change_user import change_user, existing
from ad_auth.usecases.create_user import create_user
from ad_auth.usecases.delete_user import delete_user
from ad_chassis.security import Permission, Principal, require

Reader = Annotated[Principal, require("read")]
Administrator = Annotated[Principal, require("admin")]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=128, pattern=r"^[^\x00]*$")]


def routes(store: Store, passwords: Passwords, revocations: Revocations) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["users"])
    _add_reads(router, store)
    _add_changes(router, store, passwords, revocations)
    _add_self(router, store)
    return router


def _add_reads(router: APIRouter, store: Store) -> None:
    @router.get("/users")
    async def list_users(principal: Administrator, limit: Limit = 50, cursor: Cursor = None) -> UsersPage:
        """The users of the tenant, by name."""
        async with store.transaction(read_only=True) as work:
            found = await work.users(principal.tenant, cursor, limit)
        next_cursor = found[-1].username if len(found) == limit else None
        return UsersPage(items=[UserAnswer.model_validate(each) for each in found], next_cursor=next_cursor)

    @router.get("/users/{user_id}")
    async def get_user(user_id: Id, principal: Administrator) -> UserAnswer:
        """One user."""
        async with store.transaction(read_only=True) as work:
            return UserAnswer.model_validate(existing(await work.user(principal.tenant, user_id), user_id))


def _add_changes(router: APIRouter, store: Store, passwords: Passwords, revocations: Revocations) -> None:
    @router.post("/users", status_code=201)
    async def add_user(body: NewUser, response: Response, principal: Administrator) -> UserAnswer:
        """Adds a user, who can log in with the password at once."""
        user = await create_user(
            store,
            passwords,
            tenant=principal.tenant,
            username=body.username,
            password=body.password.get_secret_value(),
            role=body.role,
            by=principal.subject,
            now=datetime.now(UTC),
        )
        response.headers["Location"] = f"/api/v1/users/{user.id}"
        return UserAnswer.model_validate(user)

    @router.patch("/users/{user_id}")
    async def update_user(user_id: Id, body: UserChange, principal: Administrator) -> UserAnswer:
        """Another role or password; tokens that say otherwise end at once."""
        user = await change_user(
            store,
            passwords,
            revocations,
            tenant=principal.tenant,
            user_id=user_id,
            role=body.role,
            password=body.password.get_secret_value() if body.password else None,
            by=principal.subject,
            now=datetime.now(UTC),
        )
        return UserAnswer.model_validate(user)

    @router.delete("/users/{user_id}", status_code=204)
    async def remove_user(user_id: Id, principal: Administrator) -> None:
        """Removes a user; 409 for the last administrator."""
        who = {"tenant": principal.tenant, "by": principal.subject}
        await delete_user(store, revocations, user_id=user_id, now=datetime.now(UTC), **who)


def _add_self(router: APIRouter, store: Store) -> None:
    @router.get("/auth/me")
    async def get_me(principal: Reader) -> MeAnswer:
        """Who calls, and what they may do."""
        return MeAnswer(
            subject=principal.subject,
            kind=principal.kind,
            name=await _name(store, principal),
            tenant=principal.tenant,
            permissions=_sorted(principal.permissions),
        )

    @router.get("/roles")
    async def list_roles(_principal: Reader) -> RolesPage:
        """The roles that users and keys can have."""
        return RolesPage(
            items=[
                RoleAnswer(name=cast("Role", name), permissions=_sorted(permissions))
                for name, permissions in ROLES.items()
            ]
        )


async def _name(store: Store, principal: Principal) -> str:
    async with store.transaction(read_only=True) as work:
        user = await work.user(principal.tenant, principal.subject) if principal.kind == "user" else None
        key = await work.api_key(principal.subject) if principal.kind == "api_key" else None
    return user.username if user else key.name if key else principal.subject


def _sorted(permissions: frozenset[str]) -> list[Permission]:
    return cast("list[Permission]", sorted(permissions))
