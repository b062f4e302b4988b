"""Episodes of anomalies in SQLite or PostgreSQL."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ad_chassis.database import Database, upsert
from ad_contracts.cursor import encode
from ad_contracts.events import AnomalyDetected
from ad_detection.adapters import tables
from ad_detection.adapters.characters import storable
from ad_detection.adapters.matching import matching, of_streams_that_are_there
from ad_detection.domain.episode_summary import EpisodeSummary, summarised
from ad_detection.ports import EpisodePage, EpisodeQuery

columns = tables.episodes.c
THERE = of_streams_that_are_there(columns)
AT_ONCE = 5_000
"""Episodes of one statement, which names each three times."""
PEAK = ("peak_id", "peak_time_ms", "peak_score", "peak_probability", "severity")


class SqlEpisodes:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, tenant: str, episode_id: str) -> EpisodeSummary | None:
        query = select(tables.episodes).where(columns.tenant == tenant, columns.id == episode_id, THERE)
        async with self._database.session(tenant, read_only=True) as session:
            row = (await session.execute(query)).one_or_none()
        return None if row is None else _summary(row)

    async def find(self, tenant: str, query: EpisodeQuery) -> EpisodePage:
        """One more row than asked for tells whether there is a next page."""
        newest = select(tables.episodes).where(columns.tenant == tenant, THERE, *_conditions(query))
        newest = newest.order_by(columns.start_ms.desc(), columns.id.desc()).limit(query.limit + 1)
        async with self._database.session(tenant, read_only=True) as session:
            rows = (await session.execute(newest)).all()
        shown = rows[: query.limit]
        more = len(rows) > query.limit
        return EpisodePage(
            list(map(_summary, shown)), encode((shown[-1].start_ms, shown[-1].id)) if more else None
        )


async def take_in(session: AsyncSession, anomalies: Iterable[AnomalyDetected]) -> None:
    """Adds anomalies that were not stored before to their episodes."""
    rows = [each._asdict() | {"entity": storable(each.entity)} for each in summarised(anomalies)]
    # Two that write at the same time take the same rows in the same order, so neither waits for the other for ever.
    rows.sort(key=lambda row: row["id"])
    await upsert(session, tables.episodes, rows, keys=["id"], update=_joined)


async def count_superseded(session: AsyncSession, episodes: Mapping[str, int]) -> None:
    """How many more anomalies of each episode were superseded."""
    names = sorted(episodes)
    for start in range(0, len(names), AT_ONCE):
        some = {name: episodes[name] for name in names[start : start + AT_ONCE]}
        more = columns.superseded + case(some, value=columns.id)
        await session.execute(update(tables.episodes).where(columns.id.in_(some)).values(superseded=more))


def _joined(new: Any) -> dict[str, Any]:
    worse = or_(
        new.peak_probability < columns.peak_probability,
        and_(new.peak_probability == columns.peak_probability, new.peak_score > columns.peak_score),
    )
    peak = {name: case((worse, new[name]), else_=columns[name]) for name in PEAK}
    return peak | {
        "start_ms": case((new.start_ms < columns.start_ms, new.start_ms), else_=columns.start_ms),
        "end_ms": case((new.end_ms > columns.end_ms, new.end_ms), else_=columns.end_ms),
        "anomalies": columns.anomalies + new.anomalies,
    }


def _summary(row: Row[Any]) -> EpisodeSummary:
    return EpisodeSummary(**{name: getattr(row, name) for name in EpisodeSummary._fields})


def _conditions(query: EpisodeQuery) -> list[ColumnElement[bool]]:
    found = matching(query, columns, begins=columns.start_ms, ends=columns.end_ms)
    return found if query.superseded else [columns.superseded < columns.anomalies, *found]
