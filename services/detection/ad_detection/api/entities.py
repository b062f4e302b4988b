"""The route that lists entities of a stream by what is known of them."""

from typing import Annotated, Self

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from ad_chassis.errors import NotFound
from ad_chassis.security import Principal, require
from ad_contracts.headers import iso_time
from ad_detection.api.filters import Limit
from ad_detection.domain.listing import Listed, ListName
from ad_detection.ports import ControlSource, EntityListStore

Reader = Annotated[Principal, require("streams:read")]
StreamName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
State = Annotated[
    ListName,
    Query(description="Not known well enough yet; forgotten to make room; or not taken in near the limit."),
]


class EntityAnswer(BaseModel):
    entity: Annotated[str | None, Field(description="null where the stream has no entity key")]
    state: ListName
    records: Annotated[
        int, Field(description="Records that were cold or refused, or how often it was evicted")
    ]
    first_time: Annotated[str, Field(description="When a worker saw the first of them")]
    last_time: str

    @classmethod
    def of(cls, state: ListName, listed: Listed) -> Self:
        return cls(
            entity=listed.entity or None,
            state=state,
            records=listed.records,
            first_time=iso_time(listed.first_ms),
            last_time=iso_time(listed.last_ms),
        )


class EntitiesPage(BaseModel):
    items: list[EntityAnswer]
    next_cursor: str | None


def entity_routes(store: EntityListStore, view: ControlSource) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["detection"])

    @router.get("/streams/{stream}/entities")
    async def list_entities(
        stream: StreamName,
        principal: Reader,
        state: State = "cold",
        limit: Limit = 50,
        cursor: str | None = None,
    ) -> EntitiesPage:
        """Entities that a stream does not know well enough, or no more; the one noted last first.

        The latest 10,000 of each state are listed, written every ten seconds; an entity that has warmed up is cold no
        longer. Metrics count all of them.
        """
        if not principal.sees(stream) or view.control.rule(principal.tenant, stream) is None:
            raise NotFound(f"there is no stream {stream!r} with a schema; GET /api/v1/streams lists them")
        page = await store.page((principal.tenant, stream), state, limit, cursor)
        items = [EntityAnswer.of(state, each) for each in page.items]
        return EntitiesPage(items=items, next_cursor=page.next_cursor)

    return router
