"""Compressed bodies, with a bound: a few kilobytes can inflate to gigabytes."""

import zlib
from collections.abc import Iterator

CHUNK_BYTES = 1 << 20
GZIP = 16 + zlib.MAX_WBITS


class UnknownEncoding(ValueError):
    """A content encoding that is not taken."""


class InflatesTooMuch(ValueError):
    """More comes out than may come in."""


class DamagedBody(ValueError):
    """Not the encoding that the header names."""


def inflated(data: bytes, encoding: str | None, max_bytes: int) -> bytes:
    """The body as it was before it was compressed."""
    named = (encoding or "identity").strip().lower()
    if named == "identity":
        return data
    if named not in {"gzip", "x-gzip"}:
        raise UnknownEncoding(f"content encoding {named[:40]!r} is not taken; send the body plain or as gzip")
    parts, size = [], 0
    try:
        for part in _members(data):
            size += len(part)
            if size > max_bytes:
                raise InflatesTooMuch(
                    f"the body inflates to more than {max_bytes} bytes; send it in smaller parts"
                )
            parts.append(part)
    except zlib.error as error:
        raise DamagedBody(f"the body is not readable as gzip: {error}") from error
    return b"".join(parts)


def _members(data: bytes) -> Iterator[bytes]:
    """A gzip body may consist of several members, one after the other."""
    while data:
        inflater = zlib.decompressobj(GZIP)
        rest = data
        while not inflater.eof:
            part = inflater.decompress(rest, CHUNK_BYTES)
            rest = inflater.unconsumed_tail
            if not part and not inflater.eof:
                raise zlib.error("it ends too early")
            yield part
        data = inflater.unused_data
