"""Routes of episodes: consecutive anomalies of an entity as one."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from ad_chassis.errors import NotFound
from ad_chassis.http.moments import Moment, milliseconds
from ad_chassis.security import Principal, require
from ad_contracts.events import AnomalyKind
from ad_contracts.headers import iso_time
from ad_detection.api.filters import Limit, StreamName, Superseded, at_least
from ad_detection.api.seen import check_stream
from ad_detection.domain.episode_summary import EpisodeSummary
from ad_detection.ports import ControlSource, EpisodeQuery, EpisodeStore
from ad_detectors.calibration.severity import Severity

Reader = Annotated[Principal, require("anomalies:read")]


class PeakAnswer(BaseModel):
    """The least probable anomaly of an episode."""

    anomaly_id: str
    time: str
    score: float
    probability: float
    severity: str


class EpisodeAnswer(BaseModel):
    """`start_time` and `end_time` are the event times of its first and its last anomaly so far.

    Of its `anomalies`, corrections superseded so many; start, end and peak are as they were told.
    """

    id: str
    stream: str
    entity: str | None
    kind: str
    start_time: str
    end_time: str
    anomalies: int
    superseded: int
    peak: PeakAnswer


class EpisodesPage(BaseModel):
    items: list[EpisodeAnswer]
    next_cursor: str | None


def episode_routes(store: EpisodeStore, view: ControlSource) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["detection"])

    @router.get("/episodes")
    async def list_episodes(
        principal: Reader,
        stream: StreamName | None = None,
        entity: str | None = None,
        severity: Severity | None = None,
        kind: AnomalyKind | None = None,
        from_: Annotated[Moment | None, Query(alias="from")] = None,
        to: Moment | None = None,
        superseded: Superseded = False,
        limit: Limit = 50,
        cursor: str | None = None,
    ) -> EpisodesPage:
        """Consecutive anomalies of an entity as one, the one that began last first.

        A normal record of the entity ends its episode. `severity` is the lowest peak that is shown; an episode lies in
        a range of time when any of it does. One of which every anomaly was superseded is left out, unless `superseded`.
        """
        if stream is not None:
            await check_stream(view, principal, stream)
        query = EpisodeQuery(
            stream=stream,
            entity=entity,
            kind=kind,
            severities=at_least(severity),
            from_ms=milliseconds(from_),
            to_ms=milliseconds(to),
            limit=limit,
            cursor=cursor,
            superseded=superseded,
            among=principal.streams,
        )
        page = await store.find(principal.tenant, query)
        return EpisodesPage(items=[_answer(item) for item in page.items], next_cursor=page.next_cursor)

    @router.get("/episodes/{episode_id}")
    async def get_episode(episode_id: str, principal: Reader) -> EpisodeAnswer:
        """One episode; `GET /anomalies?episode=` lists its anomalies."""
        found = await store.get(principal.tenant, episode_id)
        if found is None or not principal.sees(found.stream):
            raise NotFound(f"there is no episode {episode_id!r}")
        return _answer(found)

    return router


def _answer(episode: EpisodeSummary) -> EpisodeAnswer:
    return EpisodeAnswer(
        id=episode.id,
        stream=episode.stream,
        entity=episode.entity,
        kind=episode.kind,
        start_time=iso_time(episode.start_ms),
        end_time=iso_time(episode.end_ms),
        anomalies=episode.anomalies,
        superseded=episode.superseded,
        peak=PeakAnswer(
            anomaly_id=episode.peak_id,
            time=iso_time(episode.peak_time_ms),
            score=episode.peak_score,
            probability=episode.peak_probability,
            severity=episode.severity,
        ),
    )
