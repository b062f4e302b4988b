"""What stands in the metadata of an offset commit: from what the state at the committed offset can be made again."""

import msgspec

MAX_SWITCHES = 16
"""Brokers take 4,096 bytes of metadata; a switch needs about 150."""


class Switch(msgspec.Struct, frozen=True):
    """From this offset on, the rules that the object changes are in force."""

    offset: int
    key: str


class Bookmark(msgspec.Struct, frozen=True):
    """The state is this snapshot, and the records from `next_offset` on under the rules of the switches."""

    snapshot: str
    next_offset: int
    switches: tuple[Switch, ...] = ()

    def encode(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def decode(cls, metadata: str) -> "Bookmark | None":
        """None where nothing was committed with a snapshot yet."""
        return msgspec.json.decode(metadata, type=cls) if metadata else None

    @property
    def full(self) -> bool:
        return len(self.switches) >= MAX_SWITCHES
