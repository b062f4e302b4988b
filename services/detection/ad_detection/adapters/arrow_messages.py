"""An Arrow IPC stream that arrives in pieces, cut into its messages without a thread that waits for them."""

import struct
from collections.abc import AsyncIterator

CONTINUATION = b"\xff\xff\xff\xff"
PREFIX = struct.Struct("<4si")
END = CONTINUATION + b"\0\0\0\0"
BODY_LENGTH_SLOT = 10
"""In the table of fields of a flatbuffer `Message`: after two lengths and three other fields, two bytes each."""


class ArrowStreamError(ValueError):
    """The bytes are no Arrow IPC stream, or it ends too early."""


async def arrow_streams(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Each batch as an IPC stream of its own: the schema, the batch, the end."""
    schema: bytes | None = None
    async for message in _messages(pieces):
        if schema is None:
            schema = message
        else:
            yield schema + message + END


async def _messages(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    held = bytearray()
    async for piece in pieces:
        held += piece
        while (size := _size(held)) is not None and size <= len(held):
            if size == PREFIX.size:
                return
            yield bytes(held[:size])
            del held[:size]
    raise ArrowStreamError("the stream of records broke off before its end")


def _size(held: bytearray) -> int | None:
    """Of the first message with its body, once that can be known."""
    if len(held) < PREFIX.size:
        return None
    mark, length = PREFIX.unpack_from(held)
    if mark != CONTINUATION or length < 0:
        raise ArrowStreamError(f"not an Arrow IPC stream: begins with {held[:8].hex(' ')}")
    if length == 0:
        return PREFIX.size
    if len(held) < PREFIX.size + length:
        return None
    return int(PREFIX.size + length + _body_length(memoryview(held)[PREFIX.size : PREFIX.size + length]))


def _body_length(message: memoryview) -> int:
    (table,) = struct.unpack_from("<I", message)
    (back,) = struct.unpack_from("<i", message, table)
    fields = table - back
    (size,) = struct.unpack_from("<H", message, fields)
    if size <= BODY_LENGTH_SLOT:
        return 0
    (place,) = struct.unpack_from("<H", message, fields + BODY_LENGTH_SLOT)
    return int(struct.unpack_from("<q", message, table + place)[0]) if place else 0
