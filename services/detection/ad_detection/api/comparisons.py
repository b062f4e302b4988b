"""The route that tells how challengers do."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from ad_chassis.errors import BadRequest, NotFound
from ad_chassis.http.moments import Moment, milliseconds
from ad_chassis.security import Principal, require
from ad_detection.domain.comparison import hour_of
from ad_detection.ports import ComparisonStore, ControlSource
from ad_detection.usecases.compare_models import Comparison, compare_models

Reader = Annotated[Principal, require("models:read")]
StreamName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
DAY_MS = 86_400_000
Share = Annotated[float | None, Field(description="null where it cannot be told")]


class ComparisonAnswer(BaseModel):
    champion: Annotated[str, Field(description="name@version, or the name of the streaming detector")]
    challenger: str
    first_hour: datetime
    last_hour: datetime
    rows: int
    champion_alerts: int
    challenger_alerts: int
    both: int
    only_champion: int
    only_challenger: int
    kappa: Share
    jaccard: Share
    rank_correlation: Share
    champion_drift: Share
    challenger_drift: Share

    @classmethod
    def of(cls, comparison: Comparison) -> Self:
        pair = comparison.pair
        return cls(
            champion=pair.champion,
            challenger=pair.challenger,
            first_hour=_moment(comparison.first_hour_ms),
            last_hour=_moment(comparison.last_hour_ms),
            **comparison.figures,
        )


class ComparisonReport(BaseModel):
    stream: str
    from_: Annotated[datetime, Field(serialization_alias="from")]
    to: datetime
    items: list[ComparisonAnswer]


def comparison_routes(store: ComparisonStore, view: ControlSource, clock_ms: Callable[[], int]) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["deployments"])

    @router.get("/streams/{stream}/comparison")
    async def compare(
        stream: StreamName,
        principal: Reader,
        from_: Annotated[Moment | None, Query(alias="from")] = None,
        to: Moment | None = None,
    ) -> ComparisonReport:
        """How the challengers of a stream did beside its champion, by the hour, a day back unless told.

        It is statistics: workers write every ten seconds what they counted, and what is scored twice is counted twice.
        """
        if not principal.sees(stream) or view.control.rule(principal.tenant, stream) is None:
            raise NotFound(f"there is no stream {stream!r} with a schema; GET /api/v1/streams lists them")
        to_ms = clock_ms() if to is None else milliseconds(to)
        from_ms = hour_of(to_ms - DAY_MS if from_ is None else milliseconds(from_))
        if from_ms >= to_ms:
            raise BadRequest(f"from {_moment(from_ms):%Y-%m-%dT%H:%MZ} is not before to; give an earlier one")
        found = await compare_models(store, principal.tenant, stream, from_ms, to_ms)
        items = [ComparisonAnswer.of(each) for each in found]
        return ComparisonReport(stream=stream, from_=_moment(from_ms), to=_moment(to_ms), items=items)

    return router


def _moment(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, UTC)
