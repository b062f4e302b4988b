"""Routes of users, and of who calls."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from ad_auth.api.schemas import Id, MeAnswer, NewUser, UserAnswer, UserChange, UsersPage
from ad_auth.ports import Passwords, Revocations, Store
from ad_auth.usecases.change_user import change_user, existing
from ad_auth.usecases.create_user import create_user
from ad_auth.usecases.delete_user import delete_user
from ad_chassis.security import Principal, require, require_caller
from ad_chassis.security.permissions import scopes_of

Reader = Annotated[Principal, require("users:read")]
Writer = Annotated[Principal, require("users:write")]
Caller = Annotated[Principal, require_caller()]
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
    async def list_users(principal: Reader, limit: Limit = 50, cursor: Cursor = None) -> UsersPage:
        """The users of the tenant, by name."""
        async with store.transaction(principal.tenant, read_only=True) as work:
            found = await work.users(principal.tenant, cursor, limit)
        next_cursor = found[-1].username if len(found) == limit else None
        return UsersPage(items=[UserAnswer.model_validate(each) for each in found], next_cursor=next_cursor)

    @router.get("/users/{user_id}")
    async def get_user(user_id: Id, principal: Reader) -> UserAnswer:
        """One user."""
        async with store.transaction(principal.tenant, read_only=True) as work:
            return UserAnswer.model_validate(existing(await work.user(principal.tenant, user_id), user_id))


def _add_changes(router: APIRouter, store: Store, passwords: Passwords, revocations: Revocations) -> None:
    @router.post("/users", status_code=201)
    async def add_user(body: NewUser, response: Response, principal: Writer) -> UserAnswer:
        """Adds a user, who can log in with the password at once."""
        user = await create_user(
            store,
            passwords,
            by=principal,
            username=body.username,
            password=body.password.get_secret_value(),
            role=body.role,
            streams=body.streams,
            now=datetime.now(UTC),
        )
        response.headers["Location"] = f"/api/v1/users/{user.id}"
        return UserAnswer.model_validate(user)

    @router.patch("/users/{user_id}")
    async def update_user(user_id: Id, body: UserChange, principal: Writer) -> UserAnswer:
        """Another role, password or streams, or a suspension; tokens that say otherwise end at once."""
        changes = body.changes()
        if body.password is not None:
            changes["password"] = body.password.get_secret_value()
        now = datetime.now(UTC)
        user = await change_user(
            store, passwords, revocations, by=principal, user_id=user_id, changes=changes, now=now
        )
        return UserAnswer.model_validate(user)

    @router.delete("/users/{user_id}", status_code=204)
    async def remove_user(user_id: Id, principal: Writer) -> None:
        """Removes a user; 409 for the last administrator."""
        await delete_user(store, revocations, by=principal, user_id=user_id, now=datetime.now(UTC))


def _add_self(router: APIRouter, store: Store) -> None:
    @router.get("/auth/me")
    async def get_me(principal: Caller) -> MeAnswer:
        """Who calls, and what they may do."""
        return MeAnswer(
            subject=principal.subject,
            kind=principal.kind,
            name=await _name(store, principal),
            tenant=principal.tenant,
            permissions=sorted({*principal.permissions, *scopes_of(principal.permissions)}),
            streams=None if principal.streams is None else sorted(principal.streams),
        )


async def _name(store: Store, principal: Principal) -> str:
    async with store.transaction(principal.tenant, read_only=True) as work:
        user = await work.user(principal.tenant, principal.subject) if principal.kind == "user" else None
        key = await work.api_key(principal.subject) if principal.kind == "api_key" else None
    return user.username if user else key.name if key else principal.subject
