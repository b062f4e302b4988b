"""What batches say of entities, and a store of lists that keeps them in memory."""

from collections.abc import Mapping, Sequence

import numpy as np

from ad_detection.domain.control import StreamKey
from ad_detection.domain.listing import LISTS, Changes, Listed, ListName, Met
from ad_detection.domain.names import Names
from ad_detection.ports import ListPage

KEY = ("default", "sensors")


def met(rows: str, *, refused: Sequence[int] = (), evicted: Sequence[str] = (), key: StreamKey = KEY) -> Met:
    """Rows like `a A b`: an entity with a small letter was cold."""
    names = rows.split()
    entities = list(dict.fromkeys(name.lower() for name in names))
    codes = np.array([entities.index(name.lower()) for name in names], dtype=np.int64)
    cold = np.array([name.islower() for name in names], dtype=np.bool_)
    outside = [np.array(refused, dtype=np.int64)] if refused else []
    return Met(key, entities, Names.of(entities).hashes, codes, cold, outside, list(evicted))


class EntityLists:
    """As the database, without a limit."""

    def __init__(self) -> None:
        self.kept: dict[tuple[StreamKey, ListName], dict[str, Listed]] = {}
        self.failing = False
        self.saves = 0
        self.forgotten_ms: list[int] = []

    async def save(self, changes: Mapping[StreamKey, Changes]) -> None:
        if self.failing:
            raise OSError("the database is away")
        self.saves += 1
        for key, each in changes.items():
            self._save(key, each)

    def _save(self, key: StreamKey, changes: Changes) -> None:
        for entity in changes.warmed:
            self.kept.get((key, "cold"), {}).pop(entity, None)
        for name in LISTS:
            for each in changes.listed[name]:
                kept = self.kept.setdefault((key, name), {})
                before = kept.pop(each.entity, each._replace(records=0))
                kept[each.entity] = each._replace(
                    records=before.records + each.records, first_ms=before.first_ms
                )

    async def drop(self, keys: Sequence[StreamKey]) -> None:
        self.kept = {key: listed for key, listed in self.kept.items() if key[0] not in keys}

    async def cold(self, keys: Sequence[StreamKey]) -> dict[StreamKey, list[str]]:
        return {key: list(self.kept[key, "cold"]) for key in keys if (key, "cold") in self.kept}

    async def page(self, key: StreamKey, name: ListName, limit: int, cursor: str | None) -> ListPage:
        assert cursor is None
        return ListPage(list(self.kept.get((key, name), {}).values())[::-1][:limit], None)

    async def forget(self, before_ms: int) -> None:
        self.forgotten_ms.append(before_ms)
