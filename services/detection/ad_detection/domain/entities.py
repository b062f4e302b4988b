"""Entities of a stream and the slots of their detector state: arrays by slot, no object per entity."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FIRST_CAPACITY = 16


@dataclass(slots=True)
class EntityTable:
    """Gives every entity a slot, in the order in which they first appear."""

    slots: dict[str, int] = field(default_factory=dict)
    capacity: int = FIRST_CAPACITY

    def assign(self, names: Sequence[str]) -> NDArray[np.int64]:
        """The slots of distinct entities, given in the order in which they first appear in the stream.

        That order does not depend on how rows are cut into batches, so neither do the slots.
        """
        slots = self.slots
        return np.array([slots.setdefault(name, len(slots)) for name in names], dtype=np.int64)

    def outgrown(self) -> bool:
        return len(self.slots) > self.capacity

    def next_capacity(self) -> int:
        """A quarter more each time: constant cost per entity, and little room that nobody uses."""
        while self.outgrown():
            self.capacity += max(FIRST_CAPACITY, self.capacity // 4)
        return self.capacity

    def names(self) -> list[str]:
        """Entities by slot."""
        return list(self.slots)

    @classmethod
    def of(cls, names: Sequence[str], capacity: int) -> "EntityTable":
        return cls(slots={name: slot for slot, name in enumerate(names)}, capacity=capacity)
