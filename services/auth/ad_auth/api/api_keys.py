"""Routes of API keys."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response

from ad_auth.api.grant_problems import NO_STORE
from ad_auth.api.schemas import Id, KeyAnswer, KeyChange, KeysPage, NewKey, NewKeyAnswer, Rotation
from ad_auth.ports import Revocations, Store
from ad_auth.usecases.change_key import change_key
from ad_auth.usecases.create_key import create_key
from ad_auth.usecases.delete_key import delete_key, key_of
from ad_auth.usecases.rotate_key import rotate_key
from ad_chassis.security import Principal, require

Reader = Annotated[Principal, require("api_keys:read")]
Writer = Annotated[Principal, require("api_keys:write")]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")]


def routes(store: Store, revocations: Revocations, environment: str) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["api keys"])
    _add_reads(router, store)
    _add_changes(router, store, revocations, environment)
    return router


def _add_reads(router: APIRouter, store: Store) -> None:
    @router.get("/api-keys")
    async def list_api_keys(principal: Reader, limit: Limit = 50, cursor: Cursor = None) -> KeysPage:
        """The API keys of the tenant, without their secrets."""
        async with store.transaction(principal.tenant, read_only=True) as work:
            found = await work.api_keys(principal.tenant, cursor, limit)
        next_cursor = found[-1].id if len(found) == limit else None
        return KeysPage(items=[KeyAnswer.model_validate(each) for each in found], next_cursor=next_cursor)

    @router.get("/api-keys/{key_id}")
    async def get_api_key(key_id: Id, principal: Reader) -> KeyAnswer:
        """One API key, without its secret."""
        async with store.transaction(principal.tenant, read_only=True) as work:
            return KeyAnswer.model_validate(await key_of(work, principal.tenant, key_id))


def _add_changes(router: APIRouter, store: Store, revocations: Revocations, environment: str) -> None:
    @router.post("/api-keys", status_code=201)
    async def add_api_key(body: NewKey, response: Response, principal: Writer) -> NewKeyAnswer:
        """Makes an API key and shows it, this once. It has a role, or permissions of its own."""
        key, text = await create_key(
            store, by=principal, environment=environment, now=datetime.now(UTC), **body.model_dump()
        )
        response.headers.update({"Location": f"/api/v1/api-keys/{key.id}", **NO_STORE})
        return NewKeyAnswer(**KeyAnswer.model_validate(key).model_dump(), key=text)

    @router.patch("/api-keys/{key_id}")
    async def update_api_key(key_id: Id, body: KeyChange, principal: Writer) -> KeyAnswer:
        """Another name, end, role, permissions or streams; tokens that say otherwise end at once."""
        now = datetime.now(UTC)
        key = await change_key(
            store, revocations, by=principal, key_id=key_id, changes=body.changes(), now=now
        )
        return KeyAnswer.model_validate(key)

    @router.post("/api-keys/{key_id}/rotate")
    async def rotate_api_key(
        key_id: Id, response: Response, principal: Writer, body: Rotation | None = None
    ) -> NewKeyAnswer:
        """A new secret, shown this once. The old one goes on for a day, or for as long as is asked for."""
        key, text = await rotate_key(
            store,
            revocations,
            by=principal,
            key_id=key_id,
            overlap=timedelta(seconds=(body or Rotation()).overlap_seconds),
            environment=environment,
            now=datetime.now(UTC),
        )
        response.headers.update(NO_STORE)
        return NewKeyAnswer(**KeyAnswer.model_validate(key).model_dump(), key=text)

    @router.delete("/api-keys/{key_id}", status_code=204)
    async def remove_api_key(key_id: Id, principal: Writer) -> None:
        """Removes an API key; 409 for the last administrator."""
        await delete_key(store, revocations, by=principal, key_id=key_id, now=datetime.now(UTC))
