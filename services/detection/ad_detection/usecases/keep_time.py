"""Takes the time of a stream on by its rows: which of them are late or too late, and who was silent meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ad_contracts.headers import iso_time
from ad_data.columns import Columns
from ad_data.validate import Reject
from ad_detection.domain.control import StreamRule
from ad_detection.domain.event_time import EventClock, Whole
from ad_detection.domain.silence import Silence, silences
from ad_detection.domain.state import PartitionState


@dataclass(frozen=True, slots=True)
class Timely:
    """The rows that are not too late, whether each is late all the same, and what else the time brought to light."""

    columns: Columns
    late: NDArray[np.bool_]
    too_late: list[Reject]
    """By their place among all rows."""
    silences: list[Silence]


def keep_time(state: PartitionState, rule: StreamRule, columns: Columns) -> Timely:
    """Changes the clock of the stream, and when its entities were seen last."""
    if not rule.settings.keeps_time:
        state.clocks.pop(rule.key, None)
        state.watches.pop(rule.key, None)
        return Timely(columns, np.zeros(len(columns), dtype=np.bool_), [], [])
    clock = state.clocks.setdefault(rule.key, EventClock())
    before = clock.before(columns.time_ms)
    behind_ms, allowed = before - columns.time_ms, _allowed_seconds(rule)
    keep = behind_ms <= allowed * 1000
    too_late: list[Reject] = []
    late = behind_ms > 0 if allowed < np.inf else np.zeros(len(columns), dtype=np.bool_)
    if not keep.all():
        too_late = list(_too_late(rule, columns, behind_ms, np.flatnonzero(~keep)))
        columns, before, late = columns.where(keep), before[keep], late[keep]
    if not len(columns):
        return Timely(columns, late, too_late, [])
    silent = silences(state, rule, clock, columns, before)
    clock.advance(columns.time_ms)
    return Timely(columns, late, too_late, silent)


def _allowed_seconds(rule: StreamRule) -> float:
    """A stream without a field for the time has that of arrival, which nobody can send too late."""
    allowed = rule.settings.allowed_lateness_seconds
    return np.inf if allowed is None or rule.schema.timestamp is None else allowed


def _too_late(rule: StreamRule, columns: Columns, behind_ms: Whole, rows: Whole) -> Iterator[Reject]:
    name, allowed = rule.schema.timestamp, rule.settings.allowed_lateness_seconds
    for row in rows.tolist():
        when, seconds = iso_time(int(columns.time_ms[row])), behind_ms[row] / 1000
        reason = f"field {name!r}: {when} is {seconds:g} s late, the stream allows {allowed:g} s"
        yield Reject(row, reason, name)
