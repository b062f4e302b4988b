"""Episodes of anomalies in SQLite or PostgreSQL."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, case, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from ad_chassis.database import Database, upsert
from ad_chassis.http.cursors import place_of
from ad_contracts.cursor import encode
from ad_contracts.events import AnomalyDetected
from ad_detection.adapters import tables
from ad_detection.adapters.characters import storable
from ad_detection.domain.episode_summary import EpisodeSummary, summarised
from ad_detection.ports import EpisodePage, EpisodeQuery

columns = tables.episodes.c
AT_ONCE = 5_000
"""Episodes of one statement, which names each three times."""
PEAK = ("peak_id", "peak_time_ms", "peak_score", "peak_probability", "severity")


class Key(NamedTuple):
    """Where an episode stands in the list, the one that began last first."""

    start_ms: int
    id: str


class SqlEpisodes:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, tenant: str, episode_id: str) -> EpisodeSummary | None:
        query = select(tables.episodes).where(columns.tenant == tenant, columns.id == episode_id)
        async with self._database.session(read_only=True) as session:
            row = (await session.execute(query)).one_or_none()
        return None if row is None else _summary(row)

    async def find(self, tenant: str, query: EpisodeQuery) -> EpisodePage:
        """One more row than asked for tells whether there is a next page."""
        newest = select(tables.episodes).where(columns.tenant == tenant, *_conditions(query))
        newest = newest.order_by(columns.start_ms.desc(), columns.id.desc()).limit(query.limit + 1)
        async with self._database.session(read_only=True) as session:
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


def _conditions(query: EpisodeQuery) -> list[Any]:
    """An episode lies in a range of time when any of it does."""
    found: list[Any] = []
    if not query.superseded:
        found.append(columns.superseded < columns.anomalies)
    for column, value in ((columns.stream, query.stream), (columns.kind, query.kind)):
        if value is not None:
            found.append(column == value)
    if query.entity is not None:
        found.append(columns.entity == storable(query.entity))
    if query.severities:
        found.append(columns.severity.in_(query.severities))
    if query.from_ms is not None:
        found.append(columns.end_ms >= query.from_ms)
    if query.to_ms is not None:
        found.append(columns.start_ms < query.to_ms)
    if query.cursor is not None:
        found.append(tuple_(columns.start_ms, columns.id) < tuple_(*place_of(query.cursor, Key)))
    return found
