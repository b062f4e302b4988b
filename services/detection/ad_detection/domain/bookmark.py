"""What stands in the metadata of an offset commit: which snapshot the committed offset goes with."""

import msgspec


class Bookmark(msgspec.Struct, frozen=True):
    """The state at the committed offset is this snapshot and the records from `next_offset` on."""

    snapshot: str
    next_offset: int

    def encode(self) -> str:
        return msgspec.json.encode(self).decode()

    @classmethod
    def decode(cls, metadata: str) -> "Bookmark | None":
        """None where nothing was committed with a snapshot yet."""
        return msgspec.json.decode(metadata, type=cls) if metadata else None
