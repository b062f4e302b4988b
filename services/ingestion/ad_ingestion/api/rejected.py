"""Routes of dead letters."""

from typing import Annotated

from fastapi import APIRouter, Query

from ad_chassis.security import Principal, require
from ad_ingestion.api.schemas import DeadLetterAnswer, DeadLettersPage
from ad_ingestion.domain.dead_letters import DeadLetterPage
from ad_ingestion.ports import Store
from ad_ingestion.usecases.find_stream import existing

Reader = Annotated[Principal, require("read")]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[int | None, Query(ge=0, le=2**63 - 1, description="`next_cursor` of the page before")]


def routes(store: Store) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["records"])

    @router.get("/streams/{name}/rejected")
    async def list_rejected(
        name: str, principal: Reader, limit: Limit = 50, cursor: Cursor = None
    ) -> DeadLettersPage:
        """Records of a stream that were not taken, by ingestion or by detection, newest first."""
        async with store.transaction(read_only=True) as work:
            stream = await existing(work, (principal.tenant, name))
            return _page(await work.dead_letters(principal.tenant, stream, cursor, limit))

    @router.get("/rejected")
    async def list_all_rejected(
        principal: Reader, limit: Limit = 50, cursor: Cursor = None
    ) -> DeadLettersPage:
        """The same for all streams, and for records that belong to none."""
        async with store.transaction(read_only=True) as work:
            return _page(await work.dead_letters(principal.tenant, None, cursor, limit))

    return router


def _page(page: DeadLetterPage) -> DeadLettersPage:
    return DeadLettersPage(
        items=[DeadLetterAnswer.of(each) for each in page.items], next_cursor=page.next_cursor
    )
