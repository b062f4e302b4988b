"""Routes of replays."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from ad_chassis.errors import NotFound
from ad_chassis.security import Principal, require
from ad_contracts.json_view import json_view
from ad_detection.api.replay_publisher import ReplayPublisher
from ad_detection.api.replay_runner import ReplayRunner
from ad_detection.api.replay_schemas import PublishBody, ReplayAnswer, ReplayBody, ReplaysPage
from ad_detection.api.schemas import AnomaliesPage
from ad_detection.domain.replays import Replay
from ad_detection.ports import FindingStore, ReplayStore

Reader = Annotated[Principal, require("replays:read")]
Writer = Annotated[Principal, require("replays:write")]
Publisher = Annotated[Principal, require("replays:publish")]
Limit = Annotated[int, Query(ge=1, le=1000)]
StreamName = Annotated[str, Query(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]


def replay_routes(
    store: ReplayStore, findings: FindingStore, runner: ReplayRunner, publisher: ReplayPublisher
) -> APIRouter:
    router = APIRouter(prefix="/api/v1/replays", tags=["replays"])

    async def found(principal: Principal, replay_id: str) -> Replay:
        replay = await store.get(principal.tenant, replay_id)
        if replay is None or not principal.sees(replay.request.stream):
            raise NotFound(f"there is no replay {replay_id!r}; GET /api/v1/replays lists those that exist")
        return publisher.seen(replay)

    @router.post("", status_code=202)
    async def start_replay(body: ReplayBody, response: Response, principal: Writer) -> ReplayAnswer:
        """Queues a replay, whose address is in Location: records of the past scored again, nothing live touched."""
        check_seen(principal, body.stream)
        replay = await runner.submit(principal.tenant, body.in_domain(), principal.subject)
        response.headers["Location"] = f"/api/v1/replays/{replay.id}"
        return ReplayAnswer.of(replay)

    @router.get("")
    async def list_replays(
        principal: Reader, stream: StreamName | None = None, limit: Limit = 50, cursor: str | None = None
    ) -> ReplaysPage:
        """Replays, newest first."""
        seen = principal.streams
        items, next_cursor = await store.page(principal.tenant, stream, limit, cursor, seen)
        shown = [ReplayAnswer.of(publisher.seen(each)) for each in items]
        return ReplaysPage(items=shown, next_cursor=next_cursor)

    @router.get("/{replay_id}")
    async def get_replay(replay_id: str, principal: Reader) -> ReplayAnswer:
        """One replay: how far it is, or its result."""
        return ReplayAnswer.of(await found(principal, replay_id))

    @router.get("/{replay_id}/anomalies")
    async def list_replay_anomalies(
        replay_id: str,
        principal: Reader,
        configuration: Literal["a", "b"] = "a",
        limit: Limit = 50,
        cursor: str | None = None,
    ) -> AnomaliesPage:
        """What a configuration would have told of, in the order in which it was found; the first 100,000."""
        replay = await found(principal, replay_id)
        page = await findings.page(replay, configuration, limit, cursor)
        return AnomaliesPage(items=[json_view(item) for item in page.items], next_cursor=page.next_cursor)

    @router.post("/{replay_id}/cancel", status_code=202)
    async def cancel_replay(replay_id: str, principal: Writer) -> ReplayAnswer:
        """Ends a replay that has not ended; nothing of it is kept but that it was."""
        await found(principal, replay_id)
        return ReplayAnswer.of(publisher.seen(await runner.cancel(principal.tenant, replay_id)))

    @router.delete("/{replay_id}", status_code=204)
    async def delete_replay(replay_id: str, principal: Writer) -> None:
        """Removes a replay and the anomalies that it found; one that runs is cancelled first."""
        await found(principal, replay_id)
        await publisher.check_removal(principal.tenant, replay_id)
        await runner.remove(principal.tenant, replay_id)

    router.include_router(publication_routes(publisher, found))
    return router


def check_seen(principal: Principal, stream: str) -> None:
    """A stream that the caller does not see is as good as none."""
    if not principal.sees(stream):
        raise NotFound(f"there is no stream {stream!r} with a schema; GET /api/v1/streams lists them")


def publication_routes(
    publisher: ReplayPublisher, found: Callable[[Principal, str], Awaitable[Replay]]
) -> APIRouter:
    router = APIRouter()

    @router.post("/{replay_id}/publish", status_code=202)
    async def publish_replay(replay_id: str, body: PublishBody, principal: Publisher) -> ReplayAnswer:
        """Corrects what was told live of the records of a replay of the log by what one configuration found.

        Events on the topic of anomalies supersede or retract earlier ones; `publication` of the replay says how far
        that is. Asked again, it changes nothing, and goes on with what was broken off.
        """
        await found(principal, replay_id)
        submitted = publisher.submit(principal.tenant, replay_id, body.configuration, principal.subject)
        return ReplayAnswer.of(await submitted)

    return router
