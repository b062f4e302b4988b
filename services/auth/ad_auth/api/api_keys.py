"""Routes of API keys."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from ad_auth.api.grant_problems import NO_STORE
from ad_auth.api.schemas import Id, KeyAnswer, KeysPage, NewKey, NewKeyAnswer
from ad_auth.ports import Revocations, Store
from ad_auth.usecases.create_key import create_key
from ad_auth.usecases.delete_key import delete_key, key_of
from ad_chassis.security import Principal, require

Administrator = Annotated[Principal, require("admin")]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")]


def routes(store: Store, revocations: Revocations) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["api keys"])
    _add_reads(router, store)
    _add_changes(router, store, revocations)
    return router


def _add_reads(router: APIRouter, store: Store) -> None:
    @router.get("/api-keys")
    async def list_api_keys(principal: Administrator, limit: Limit = 50, cursor: Cursor = None) -> KeysPage:
        """The API keys of the tenant, without their secrets."""
        async with store.transaction(read_only=True) as work:
            found = await work.api_keys(principal.tenant, cursor, limit)
        next_cursor = found[-1].id if len(found) == limit else None
        return KeysPage(items=[KeyAnswer.model_validate(each) for each in found], next_cursor=next_cursor)

    @router.get("/api-keys/{key_id}")
    async def get_api_key(key_id: Id, principal: Administrator) -> KeyAnswer:
        """One API key, without its secret."""
        async with store.transaction(read_only=True) as work:
            return KeyAnswer.model_validate(await key_of(work, principal.tenant, key_id))


def _add_changes(router: APIRouter, store: Store, revocations: Revocations) -> None:
    @router.post("/api-keys", status_code=201)
    async def add_api_key(body: NewKey, response: Response, principal: Administrator) -> NewKeyAnswer:
        """Makes an API key and shows it, this once."""
        key, text = await create_key(
            store,
            tenant=principal.tenant,
            name=body.name,
            role=body.role,
            by=principal.subject,
            now=datetime.now(UTC),
            expires_at=body.expires_at,
        )
        response.headers.update({"Location": f"/api/v1/api-keys/{key.id}", **NO_STORE})
        return NewKeyAnswer(**KeyAnswer.model_validate(key).model_dump(), key=text)

    @router.delete("/api-keys/{key_id}", status_code=204)
    async def remove_api_key(key_id: Id, principal: Administrator) -> None:
        """Removes an API key; 409 for the last administrator."""
        who = {"tenant": principal.tenant, "by": principal.subject}
        await delete_key(store, revocations, key_id=key_id, now=datetime.now(UTC), **who)
