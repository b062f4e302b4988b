"""The newest anomalies of a tenant, each encoded once for all its clients."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from ad_contracts.events import AnomalyDetected
from ad_contracts.json_view import json_view
from ad_gateway.domain import cursor
from ad_gateway.domain.cursor import Positions, furthest, reaches


class Place(NamedTuple):
    partition: int
    next_offset: int


class Frame:
    """An anomaly as it is sent, and what a filter asks of it; the event itself would be three times as large."""

    __slots__ = ("body", "entity", "kind", "model", "place", "positions", "severity", "stream", "text")

    def __init__(self, place: Place, anomaly: AnomalyDetected) -> None:
        self.place = place
        self.stream = anomaly.stream
        self.entity = anomaly.entity
        self.model = anomaly.model
        self.kind: str = anomaly.kind
        self.severity: str = anomaly.severity
        self.body = msgspec.json.encode(json_view(anomaly)).decode()
        self.positions: Positions = {}
        self.text = ""
        """The message of every client that was shown all of the ring up to here."""

    def told(self, positions: Positions) -> str:
        """The message of a client that stands at `positions` with it."""
        return f'{{"type":"anomaly","cursor":"{cursor.encode(positions)}","anomaly":{self.body}}}'


class Ring:
    """Clients read it each at its own pace, so that one that is slow costs no memory and holds nobody up.

    `first` and `following` count frames from the start of this gateway: the oldest that is kept, and the next.
    """

    def __init__(self, size: int, start: Positions) -> None:
        self.size = size
        self.first = 0
        self.following = 0
        self.begin = start
        """Where a client stands before the oldest frame."""
        self.end = start
        """Where a client stands that was shown everything."""
        self._frames: list[Frame | None] = [None] * size

    def append(self, frame: Frame) -> None:
        if self.following - self.first == self.size:
            self.begin = self[self.first].positions
            self.first += 1
        self.end = {**self.end, frame.place.partition: frame.place.next_offset}
        frame.positions = self.end
        frame.text = frame.told(self.end)
        self._frames[self.following % self.size] = frame
        self.following += 1

    def settle(self, positions: Positions) -> None:
        """Nothing is left up to there: what is no anomaly, such as a marker of a transaction, has its place too."""
        if not reaches(self.end, positions):
            self.end = furthest(self.end, positions)

    def __getitem__(self, number: int) -> Frame:
        frame = self._frames[number % self.size]
        if frame is None or not self.first <= number < self.following:
            raise IndexError(f"frame {number} is not kept; {self.first} up to {self.following} are")
        return frame


def message(kind: str, positions: Positions, more: Mapping[str, object] | None = None) -> str:
    """A message that is no anomaly."""
    body = {"type": kind, "cursor": cursor.encode(positions), **(more or {})}
    return msgspec.json.encode(body).decode()
