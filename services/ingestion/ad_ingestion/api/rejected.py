"""Routes of dead letters."""

from typing import Annotated

from fastapi import APIRouter, Query

from ad_chassis.security import Principal, require
from ad_ingestion.api.letters import (
    DeadLetterAnswer,
    DeadLettersPage,
    LetterGroupAnswer,
    LetterList,
    LetterPurge,
    LetterSummary,
    LetterSummaryAnswer,
    PurgeAnswer,
    ReplayOne,
    ReplayOneAnswer,
    ReplaySome,
    ReplaySomeAnswer,
    TrialAnswer,
)
from ad_ingestion.api.seen import key_of, letter_of
from ad_ingestion.domain.dead_letters import LetterQuery
from ad_ingestion.ports import Store
from ad_ingestion.usecases.find_stream import find_stream
from ad_ingestion.usecases.purge_dead_letters import purge_one, purge_some
from ad_ingestion.usecases.replay_dead_letters import LetterReplayer

Reader = Annotated[Principal, require("dead_letters:read")]
Writer = Annotated[Principal, require("dead_letters:write")]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[int | None, Query(ge=0, le=2**63 - 1, description="`next_cursor` of the page before")]


def routes(store: Store, replayer: LetterReplayer) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["dead letters"])
    add_reading(router, store)
    add_replaying(router, store, replayer)
    add_purging(router, store)
    return router


def add_reading(router: APIRouter, store: Store) -> None:
    @router.get("/streams/{name}/rejected")
    async def list_rejected(
        name: str, principal: Reader, limit: Limit = 50, cursor: Cursor = None
    ) -> DeadLettersPage:
        """Records of a stream that were not taken, by ingestion or by detection, newest first."""
        stream = await find_stream(store, key_of(principal, name))
        query = LetterQuery(stream=name, from_ms=int(stream.created_at.timestamp() * 1000))
        async with store.transaction(principal.tenant, read_only=True) as work:
            return DeadLettersPage.of(await work.dead_letters(principal.tenant, query, cursor, limit))

    @router.get("/rejected")
    async def list_all_rejected(principal: Reader, wanted: Annotated[LetterList, Query()]) -> DeadLettersPage:
        """The same for all streams, and for records that belong to none."""
        async with store.transaction(principal.tenant, read_only=True) as work:
            page = await work.dead_letters(
                principal.tenant, wanted.query(principal.streams), wanted.cursor, wanted.limit
            )
        return DeadLettersPage.of(page)

    @router.get("/rejected/summary")
    async def summarise_rejected(
        principal: Reader, wanted: Annotated[LetterSummary, Query()]
    ) -> LetterSummaryAnswer:
        """What is wrong and how often: counts by stream and kind of reason, the most frequent first."""
        async with store.transaction(principal.tenant, read_only=True) as work:
            groups = await work.dead_letter_groups(
                principal.tenant, wanted.query(principal.streams), wanted.limit
            )
        return LetterSummaryAnswer(items=[LetterGroupAnswer.of(each) for each in groups])

    @router.get("/rejected/{id:path}")
    async def get_rejected(id: str, principal: Reader) -> DeadLetterAnswer:  # noqa: A002 - as in the answers
        """One of them, with the headers of its message."""
        return DeadLetterAnswer.of(await letter_of(store, principal, id))


def add_replaying(router: APIRouter, store: Store, replayer: LetterReplayer) -> None:
    @router.post("/rejected/replay")
    async def replay_rejected(body: ReplaySome, principal: Writer) -> ReplaySomeAnswer:
        """Sends those that match again, the oldest first, each once. Go on with `next_cursor` until it is null."""
        found = await replayer.replay_some(
            principal.tenant,
            body.query(principal.streams),
            after=body.cursor,
            limit=body.limit,
            mode=body.mode(),
        )
        return ReplaySomeAnswer.of(found, dry_run=body.dry_run)

    @router.post("/rejected/{id:path}/replay")
    async def replay_one_rejected(id: str, body: ReplayOne, principal: Writer) -> ReplayOneAnswer:  # noqa: A002
        """Sends one again, as it was or corrected. A second time is a 409 unless `force` is true."""
        correction = body.correction()
        await letter_of(store, principal, id)
        if correction.stream is not None:
            key_of(principal, correction.stream)
        found = await replayer.replay_one(principal.tenant, id, correction, body.mode())
        return ReplayOneAnswer(dry_run=body.dry_run, **TrialAnswer.of(found).model_dump())


def add_purging(router: APIRouter, store: Store) -> None:
    @router.delete("/rejected")
    async def purge_rejected(principal: Writer, wanted: Annotated[LetterPurge, Query()]) -> PurgeAnswer:
        """Forgets those that match, and says how many."""
        purged = await purge_some(
            store,
            principal.tenant,
            wanted.query(principal.streams),
            everything=wanted.everything,
            dry_run=wanted.dry_run,
        )
        return PurgeAnswer(purged=purged, dry_run=wanted.dry_run)

    @router.delete("/rejected/{id:path}", status_code=204)
    async def purge_one_rejected(id: str, principal: Writer) -> None:  # noqa: A002 - as in the answers
        """Forgets one."""
        await letter_of(store, principal, id)
        await purge_one(store, principal.tenant, id)
