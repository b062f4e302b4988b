"""The hash chain of the audit log, for whoever keeps it and whoever checks it.

The hash of an entry is the SHA-256, in hexadecimal, of its canonical JSON (RFC 8785), `hash` left out and
`previous_hash` being the hash of the entry before; 64 zeros for the first.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FIELDS = (
    "tenant",
    "seq",
    "id",
    "at_ms",
    "subject",
    "action",
    "resource",
    "outcome",
    "address",
    "service",
    "request_id",
    "details",
    "previous_hash",
)
"""What is hashed of an entry: whole numbers, texts, nulls, and `details` of texts."""
NOTHING = "0" * 64


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a chain. Whoever keeps a copy elsewhere notices when entries up to it change or go."""

    seq: int = 0
    hash: str = NOTHING

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


class BrokenChainError(ValueError):
    """The message says what is wrong; `seq` is the first entry that cannot be trusted."""

    def __init__(self, seq: int, what: str) -> None:
        super().__init__(f"entry {seq}: {what}")
        self.seq = seq


def canonical(entry: Mapping[str, Any]) -> bytes:
    """The fields of an entry as RFC 8785 writes them."""
    return json.dumps(
        _sorted({name: entry[name] for name in FIELDS}), ensure_ascii=False, separators=(",", ":")
    ).encode(errors="surrogatepass")


def entry_hash(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(entry)).hexdigest()


class ChainCheck:
    """Checks the entries of one tenant from the first on, in order, against heads that are known from elsewhere."""

    def __init__(self, *known: Head) -> None:
        self.head = Head()
        self._tenant: str | None = None
        self._known = known

    def add(self, entry: Mapping[str, Any]) -> None:
        """Raises `BrokenChainError` when the entry does not follow the one before."""
        seq = self.head.seq + 1
        _check_shape(entry, seq)
        if entry["seq"] != seq:
            raise BrokenChainError(seq, f"missing; in its place stands entry {entry['seq']}")
        self._tenant = self._tenant or entry["tenant"]
        if entry["tenant"] != self._tenant:
            raise BrokenChainError(seq, f"it belongs to {entry['tenant']!r}, not to {self._tenant!r}")
        if entry["hash"] != entry_hash(entry):
            raise BrokenChainError(seq, "it was changed: its hash is that of another content")
        if entry["previous_hash"] != self.head.hash:
            raise BrokenChainError(
                seq, "it was written for another entry before it; one of the two was replaced"
            )
        self.head = Head(seq, entry["hash"])
        if any(known.seq == seq and known != self.head for known in self._known):
            raise BrokenChainError(
                seq, "it is not the one that was the head; it or some before were replaced"
            )

    def finish(self) -> Head:
        """The head, once every entry was added."""
        longest = max((known.seq for known in self._known), default=0)
        if longest > self.head.seq:
            raise BrokenChainError(self.head.seq + 1, f"missing, with all that follow: there were {longest}")
        return self.head


def head_of(text: str) -> Head:
    """The head that reads `<seq>:<hash>`."""
    seq, _, digest = text.strip().partition(":")
    if not seq.isdecimal() or len(digest) != len(NOTHING) or set(digest) - set("0123456789abcdef"):
        raise ValueError(f"{text[:80]!r} is not a head; one reads <seq>:<64 hex digits>")
    return Head(int(seq), digest)


def checked(entries: Iterable[Mapping[str, Any]], *known: Head) -> Head:
    """The head of entries that are whole and in order."""
    check = ChainCheck(*known)
    for entry in entries:
        check.add(entry)
    return check.finish()


def _check_shape(entry: Mapping[str, Any], seq: int) -> None:
    missing = [name for name in (*FIELDS, "hash") if name not in entry]
    if missing:
        raise BrokenChainError(seq, f"it has no {missing[0]!r}")
    if type(entry["seq"]) is not int or type(entry["at_ms"]) is not int:
        raise BrokenChainError(seq, "'seq' and 'at_ms' must be whole numbers")


def _sorted(value: Any) -> Any:
    """RFC 8785 sorts names by their UTF-16 code units."""
    if not isinstance(value, Mapping):
        return value
    return {name: _sorted(value[name]) for name in sorted(value, key=lambda each: each.encode("utf-16-be"))}
