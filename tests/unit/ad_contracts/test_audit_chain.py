"""The chain of the audit log, checked without the code that wrote it."""

import hashlib
from typing import Any

import pytest

from ad_contracts.audit_chain import NOTHING, BrokenChainError, Head, canonical, checked, entry_hash, head_of

FIRST = {
    "tenant": "default",
    "seq": 1,
    "id": "e1",
    "at_ms": 1767225600000,
    "subject": "0f",
    "action": "create user",
    "resource": None,
    "outcome": "allowed",
    "address": "192.0.2.7",
    "service": "auth",
    "request_id": None,
    "details": {"é": 'a"\\/\n', "b": "\U0001f600"},
    "previous_hash": NOTHING,
}


def chain(length: int, **changes: Any) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for seq in range(1, length + 1):
        entry = FIRST | {"seq": seq, "id": f"e{seq}", **changes}
        entry["previous_hash"] = made[-1]["hash"] if made else NOTHING
        made.append(entry | {"hash": entry_hash(entry)})
    return made


def test_what_is_hashed_is_the_canonical_json_of_rfc_8785() -> None:
    text = (
        '{"action":"create user","address":"192.0.2.7","at_ms":1767225600000,"details":{"b":"😀","é":"a\\"\\\\/\\n"},'
        '"id":"e1","outcome":"allowed","previous_hash":"' + "0" * 64 + '","request_id":null,"resource":null,'
        '"seq":1,"service":"auth","subject":"0f","tenant":"default"}'
    )
    assert canonical(FIRST) == text.encode()
    assert entry_hash(FIRST) == hashlib.sha256(text.encode()).hexdigest()


def test_names_are_sorted_by_their_utf_16_units() -> None:
    """RFC 8785 section 3.2.3: a character beyond the first 65,536 comes before U+FB33."""
    details = {"\ufb33": "1", "\U0001f600": "2"}
    text = canonical(FIRST | {"details": details}).decode()
    assert text.index("\U0001f600") < text.index("\ufb33")


def test_a_chain_that_is_whole_ends_in_its_head() -> None:
    entries = chain(5)
    head = checked(entries, Head(3, entries[2]["hash"]), Head())
    assert head == Head(5, entries[-1]["hash"]) == head_of(str(head))
    assert checked([]) == Head()


def changed(entries: list[dict[str, Any]]) -> None:
    entries[2] = entries[2] | {"outcome": "denied"}


def deleted(entries: list[dict[str, Any]]) -> None:
    del entries[2]


def inserted(entries: list[dict[str, Any]]) -> None:
    """With a hash that fits, as a forger would."""
    forged = entries[2] | {"id": "forged"}
    entries[2] = forged | {"hash": entry_hash(forged)}


def swapped(entries: list[dict[str, Any]]) -> None:
    entries[2], entries[3] = entries[3] | {"seq": 3}, entries[2] | {"seq": 4}


def truncated(entries: list[dict[str, Any]]) -> None:
    del entries[2:]


def replaced(entries: list[dict[str, Any]]) -> None:
    """The whole chain anew."""
    entries[:] = chain(5, subject="somebody else")


def of_another_tenant(entries: list[dict[str, Any]]) -> None:
    entries[2] = chain(3, tenant="acme")[2]


def without_a_field(entries: list[dict[str, Any]]) -> None:
    del entries[2]["address"]


def with_a_word_for_a_number(entries: list[dict[str, Any]]) -> None:
    entries[2]["at_ms"] = "now"


@pytest.mark.parametrize(
    ("tamper", "seq"),
    [
        (changed, 3),
        (deleted, 3),
        (inserted, 4),
        (swapped, 3),
        (truncated, 3),
        (replaced, 5),
        (of_another_tenant, 3),
        (without_a_field, 3),
        (with_a_word_for_a_number, 3),
    ],
)
def test_the_first_entry_that_cannot_be_trusted_is_named(tamper, seq) -> None:
    entries = chain(5)
    head = Head(5, entries[-1]["hash"])
    tamper(entries)
    with pytest.raises(BrokenChainError) as caught:
        checked(entries, head)
    assert caught.value.seq == seq
    assert str(caught.value).startswith(f"entry {seq}: ")


@pytest.mark.parametrize("text", ["", "5", "5:abc", "x:" + NOTHING, "5:" + "g" * 64])
def test_what_is_no_head_is_refused(text) -> None:
    with pytest.raises(ValueError, match="is not a head"):
        head_of(text)
