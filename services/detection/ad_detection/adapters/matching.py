"""What lists of anomalies and of episodes have in common: their order, and what may be asked for."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnCollection, ColumnElement, exists, tuple_

from ad_chassis.http.cursors import place_of
from ad_detection.adapters import tables
from ad_detection.adapters.characters import storable
from ad_detection.ports import AnomalyQuery, EpisodeQuery


class Key(NamedTuple):
    """Where one stands in the list, newest first."""

    time_ms: int
    id: str


def matching(
    query: AnomalyQuery | EpisodeQuery,
    columns: ColumnCollection[str, Any],
    begins: ColumnElement[int],
    ends: ColumnElement[int],
) -> list[ColumnElement[bool]]:
    """One lies in a range of time when any of it does."""
    found: list[ColumnElement[bool]] = []
    entity = None if query.entity is None else storable(query.entity)
    for name, value in (("stream", query.stream), ("kind", query.kind), ("entity", entity)):
        if value is not None:
            found.append(columns[name] == value)
    if query.among is not None:
        found.append(columns.stream.in_(query.among))
    if query.severities:
        found.append(columns.severity.in_(query.severities))
    if query.from_ms is not None:
        found.append(ends >= query.from_ms)
    if query.to_ms is not None:
        found.append(begins < query.to_ms)
    if query.cursor is not None:
        found.append(tuple_(begins, columns.id) < tuple_(*place_of(query.cursor, Key)))
    return found


def of_streams_that_are_there(columns: ColumnCollection[str, Any]) -> ColumnElement[bool]:
    """Not of those that were deleted, whether their names are used again or not. Built once: it takes 80 µs."""
    deleted = tables.generations.c
    return ~exists().where(
        deleted.tenant == columns.tenant,
        deleted.stream == columns.stream,
        deleted.first > columns.generation,
    )
