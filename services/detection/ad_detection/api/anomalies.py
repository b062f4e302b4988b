"""Routes of stored anomalies."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from ad_chassis.errors import NotFound
from ad_chassis.http.moments import Moment, milliseconds
from ad_chassis.security import Principal, require
from ad_contracts.events import AnomalyKind
from ad_contracts.json_view import json_view
from ad_detection.api.filters import EpisodeId, Limit, StreamName, Superseded, at_least
from ad_detection.api.schemas import AnomaliesPage
from ad_detection.api.seen import check_stream
from ad_detection.domain.corrections import Told
from ad_detection.ports import AnomalyQuery, AnomalyStore, ControlSource
from ad_detectors.calibration.severity import Severity

Reader = Annotated[Principal, require("anomalies:read")]


def anomaly_routes(store: AnomalyStore, view: ControlSource) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["detection"])

    @router.get("/anomalies")
    async def list_anomalies(
        principal: Reader,
        stream: StreamName | None = None,
        entity: str | None = None,
        severity: Severity | None = None,
        kind: AnomalyKind | None = None,
        episode: EpisodeId | None = None,
        from_: Annotated[Moment | None, Query(alias="from")] = None,
        to: Moment | None = None,
        superseded: Superseded = False,
        limit: Limit = 50,
        cursor: str | None = None,
    ) -> AnomaliesPage:
        """Stored anomalies, newest event first; `severity` is the lowest that is shown.

        Those that a correction superseded are left out, like retractions, unless `superseded` is asked for.
        """
        if stream is not None:
            await check_stream(view, principal, stream)
        query = AnomalyQuery(
            stream=stream,
            entity=entity,
            severities=at_least(severity),
            from_ms=milliseconds(from_),
            to_ms=milliseconds(to),
            limit=limit,
            cursor=cursor,
            kind=kind,
            episode_id=episode,
            superseded=superseded,
            among=principal.streams,
        )
        page = await store.find(principal.tenant, query)
        return AnomaliesPage(items=[_view(item) for item in page.items], next_cursor=page.next_cursor)

    @router.get("/anomalies/{anomaly_id}")
    async def get_anomaly(anomaly_id: str, principal: Reader) -> dict[str, Any]:
        """One anomaly with its explanation."""
        found = await store.get(principal.tenant, anomaly_id)
        if found is None or not principal.sees(found.event.stream):
            raise NotFound(f"there is no anomaly {anomaly_id!r}")
        return _view(found)

    return router


def _view(told: Told) -> dict[str, Any]:
    """The event, and what superseded it where something did."""
    superseded = {} if told.superseded_by is None else {"superseded_by": told.superseded_by}
    return json_view(told.event) | superseded
