"""Weak validators of answers (RFC 9110, 8.8), by content, so that they are the same in every process."""

import hashlib
from collections.abc import Iterable

MOST_BYTES = 2**16
"""A larger answer is passed on in pieces, and never stands here as a whole."""
OK = 200


def may_be_tagged(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Of known and small length, and without a validator of the service's own."""
    found = dict(headers)
    length = found.get(b"content-length", b"")
    return status == OK and b"etag" not in found and length.isdigit() and int(length) <= MOST_BYTES


def tag_of(body: bytes) -> str:
    return f'W/"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'


def is_known(condition: str, tag: str) -> bool:
    """Whether If-None-Match names the tag; the comparison is the weak one."""
    opaque = tag.removeprefix("W/")
    return any(
        word.strip() == "*" or word.strip().removeprefix("W/") == opaque for word in condition.split(",")
    )
