"""Consecutive anomalies of an entity are one episode: it begins with the first, and a normal record ends it."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ad_data.columns import Columns

MAX_OPEN = 10_000
"""Episodes that go on at the same time in a stream of a partition; beyond it the oldest counts as ended."""


class Episode(NamedTuple):
    """What its anomalies have in common."""

    id: str
    """That of the first anomaly."""
    start_ms: int
    """Event time of the first anomaly."""


OpenEpisodes = dict[str, Episode]
"""By entity, in the order in which they began; the key is empty where a stream has no entities."""


def keep_episodes(
    going: OpenEpisodes, columns: Columns, label: NDArray[np.bool_], name: Callable[[int], str]
) -> dict[int, Episode]:
    """The episode of every anomalous row; changes `going`. `name` gives the id of the anomaly of a row."""
    if not going and not label.any():
        return {}
    entities, codes = columns.entities, columns.entity_codes
    if entities is None or codes is None:
        entities, codes = [""], np.zeros(len(columns), dtype=np.int64)
    found: dict[int, Episode] = {}
    for row in _telling(going, entities, codes, label).tolist():
        entity = entities[codes[row]]
        if not label[row]:
            going.pop(entity, None)
            continue
        if entity not in going:
            going[entity] = Episode(name(row), int(columns.time_ms[row]))
        found[row] = going[entity]
        if len(going) > MAX_OPEN:
            del going[next(iter(going))]
    return found


def _telling(
    going: OpenEpisodes, entities: list[str], codes: NDArray[np.int64], label: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Rows that can begin, carry on or end an episode: all but normal ones after normal ones of an entity."""
    touched = np.fromiter(map(going.__contains__, entities), dtype=np.bool_, count=len(entities))
    touched[codes[label]] = True
    rows = np.flatnonzero(touched[codes])
    rows = rows[np.argsort(codes[rows], kind="stable")]
    own, odd = codes[rows], label[rows]
    telling = odd.copy()
    telling[:1] = True
    telling[1:] |= odd[:-1] | (own[1:] != own[:-1])
    return np.sort(rows[telling])
