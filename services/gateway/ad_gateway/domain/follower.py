"""One client's way through the ring: in order, nothing twice, and out of it when it was too slow."""

from typing import NamedTuple

from ad_gateway.domain.cursor import Positions, furthest, reaches
from ad_gateway.domain.ring import Frame, Place, Ring


class Behind(NamedTuple):
    """What a client needs is not in the ring any more: history has it, up to `until`."""

    missed: int
    """Anomalies that left the ring before the client was shown them, as far as known."""
    until: Positions


class Follower:
    """Stands at `positions`. Those that were shown the whole ring share its positions, and with them its texts."""

    __slots__ = ("_next", "_own", "positions", "ring")

    def __init__(self, ring: Ring, positions: Positions) -> None:
        self.ring = ring
        self.positions = positions
        self._own = not (reaches(ring.end, positions) and reaches(positions, ring.end))
        self._next = ring.first if self._own else ring.following

    def next(self) -> tuple[Frame, str] | Behind | None:
        """The next frame with its text, or None when there is none yet. It counts as shown from here on."""
        ring = self.ring
        while True:
            if self._next < ring.first or self._own:
                if not reaches(self.positions, ring.begin):
                    return Behind(max(ring.first - self._next, 0), ring.end)
                self._next = max(self._next, ring.first)
            if self._next == ring.following:
                self._reached(ring.end)
                return None
            frame = ring[self._next]
            self._next += 1
            new = not self._own or frame.place.next_offset > self.positions.get(frame.place.partition, 0)
            self._reached(frame.positions)
            if new:
                return frame, frame.told(self.positions) if self._own else frame.text

    def passed(self, place: Place) -> None:
        """Something out of history was shown."""
        self.positions = {**self.positions, place.partition: place.next_offset}

    def back(self, until: Positions) -> None:
        """History has been shown up to there."""
        self.positions = furthest(self.positions, until)
        self._own = True
        self._next = self.ring.first

    def _reached(self, positions: Positions) -> None:
        """The ring was shown up to there. One that has been shown nothing beyond goes the way of all others now."""
        if self._own and not reaches(positions, self.positions):
            self.positions = furthest(self.positions, positions)
        else:
            self.positions, self._own = positions, False
