"""The route that tells how the records of a stream lie in its partitions."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from ad_chassis.errors import NotFound
from ad_chassis.security import Principal, require
from ad_detection.ports import ControlSource, LoadStore
from ad_detection.usecases.tell_partitions import PartitionLoad, tell_partitions

Reader = Annotated[Principal, require("streams:read")]
StreamName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
MOST = 1_000


class BusyEntity(BaseModel):
    entity: str
    share: Annotated[float, Field(description="at least this part of the partition's records of late")]


class PartitionAnswer(BaseModel):
    partition: int
    records: Annotated[int, Field(description="since its worker took the partition over")]
    rate_per_second: float
    share: Annotated[float, Field(description="its part of the stream's records of late")]
    entities: Annotated[
        int | None, Field(description="known to the streaming detector; null where a model scores")
    ]
    busiest: Annotated[list[BusyEntity], Field(description="ten at most, the busiest first")]
    updated_at: datetime
    stale: Annotated[bool, Field(description="its worker was busy and has said nothing for ten minutes")]

    @classmethod
    def of(cls, found: PartitionLoad) -> Self:
        load = found.load
        return cls(
            partition=load.partition,
            records=load.records,
            rate_per_second=round(load.rate_per_second, 3),
            share=round(found.share, 6),
            entities=load.entities,
            busiest=[BusyEntity(entity=entity, share=round(share, 6)) for entity, share in load.busiest],
            updated_at=datetime.fromtimestamp(load.updated_ms / 1000, UTC),
            stale=found.stale,
        )


class Partitions(BaseModel):
    stream: str
    topic: str
    items: list[PartitionAnswer]


def partition_routes(store: LoadStore, view: ControlSource, clock_ms: Callable[[], int]) -> APIRouter:
    router = APIRouter(prefix="/api/v1", tags=["streams"])

    @router.get("/streams/{stream}/partitions")
    async def list_partitions(
        stream: StreamName,
        principal: Reader,
        limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
    ) -> Partitions:
        """Where the records of a stream come, and which entities most of them are of.

        It is statistics of the last minutes: workers write every ten seconds what they counted, and begin anew with a
        partition that comes to them. A partition without records is not listed.
        """
        rule = view.control.rule(principal.tenant, stream)
        if rule is None or not principal.sees(stream):
            raise NotFound(f"there is no stream {stream!r} with a schema; GET /api/v1/streams lists them")
        found = await tell_partitions(store, principal.tenant, stream, clock_ms(), limit)
        return Partitions(stream=stream, topic=rule.topic, items=[PartitionAnswer.of(each) for each in found])

    return router
