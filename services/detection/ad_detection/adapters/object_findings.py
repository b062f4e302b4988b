"""Anomalies that replays found, as objects of a thousand lines of JSON each."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from ad_chassis.http.cursors import place_of
from ad_chassis.objects import ObjectNotFound, ObjectStore
from ad_contracts.cursor import encode
from ad_contracts.events import AnomalyDetected
from ad_detection.domain.replays import Replay
from ad_detection.ports import Page


class Place(NamedTuple):
    """The number of a part, and the next line in it."""

    part: int
    line: int


class ObjectFindings:
    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects
        self._encode = msgspec.json.Encoder().encode_lines

    async def put(self, replay: Replay, name: str, part: int, anomalies: Sequence[AnomalyDetected]) -> None:
        await self._objects.put(_key(replay.tenant, replay.id, name, part), self._encode(anomalies))

    async def page(self, replay: Replay, name: str, limit: int, cursor: str | None) -> Page:
        """Anomalies in the order in which they were found, and the next cursor."""
        part, line = place_of(cursor, Place) if cursor else (0, 0)
        found: list[AnomalyDetected] = []
        while len(found) < limit:
            try:
                data = await self._objects.get(_key(replay.tenant, replay.id, name, part))
            except ObjectNotFound:
                return Page(found, None)
            lines = msgspec.json.Decoder(AnomalyDetected).decode_lines(data)
            some = lines[line : line + limit - len(found)]
            found += some
            part, line = (part, line + len(some)) if line + len(some) < len(lines) else (part + 1, 0)
        return Page(found, encode((part, line)))

    async def remove(self, tenant: str, replay_id: str) -> None:
        for info in await self._objects.list(f"replays/{tenant}/{replay_id}"):
            await self._objects.delete(info.key)


def _key(tenant: str, replay_id: str, name: str, part: int) -> str:
    return f"replays/{tenant}/{replay_id}/{name}/{part:06d}.ndjson"
