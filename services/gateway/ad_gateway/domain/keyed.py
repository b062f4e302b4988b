"""Idempotency keys: where an answer is kept, and what a second call with the same key gets."""

import hashlib
from typing import Literal, NamedTuple

from ad_gateway.domain.limits import Caller

LONGEST_KEY = 255
MOST_KEPT_BYTES = 2**16
State = Literal["running", "answered", "answered in secret"]


class WrongKey(ValueError):
    """The header cannot be a key."""


class KeptAnswer(NamedTuple):
    """The answer to the first call, or that it has begun. One that held a secret is kept without its body."""

    fingerprint: str
    state: State = "running"
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def key_of(header: str) -> str:
    """The key, with or without the quotes of a structured field."""
    key = header[1:-1] if len(header) > 1 and header[0] == header[-1] == '"' else header
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise WrongKey(f"an Idempotency-Key has 1 to {LONGEST_KEY} characters; a UUID is a good one")
    return key


def place_of(caller: Caller, method: str, path: str, key: str) -> str:
    """Nobody meets the answer of another caller, whatever keys they choose."""
    return _digest(*caller, method, path, key)


def fingerprint_of(key: str, target: str, body: bytes) -> str:
    """Of what was asked. The key is in it, or who reads the store could try out bodies such as passwords."""
    return _digest(key, target, body)


def is_final(status: int) -> bool:
    """What did its work is kept; what failed may be tried again with the same key."""
    return 200 <= status < 300


def _digest(*parts: str | bytes) -> str:
    """Each part with its length, so that no two lists of parts run together."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()
