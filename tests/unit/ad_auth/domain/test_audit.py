"""How events become entries of a chain."""

import pytest

from ad_auth.domain.audit import as_json, chained, takeable
from ad_contracts.audit_chain import Head, checked
from tests.specs.audit_log import event


def test_entries_follow_one_another() -> None:
    entries = chained(Head(), [event(1), event(2)])
    assert [entry.seq for entry in entries] == [1, 2]
    assert checked(map(as_json, entries)) == Head(2, entries[1].hash)


def test_texts_are_cut_to_what_the_table_holds_and_steer_no_terminal() -> None:
    long = {"subject": "s" * 999, "resource": "\x1b[2J" + "r" * 9_999, "details": {"a\nb": "c\x00" * 999}}
    [entry] = chained(Head(), [event(1, **long)])
    assert (len(entry.subject), len(entry.resource or "")) == (255, 1_000)
    assert (entry.resource or "").startswith("\\u001b[2J")
    [(name, value)] = entry.details.items()
    assert name == "a\\u000ab"
    assert value.startswith("c\\u0000c\\u0000")
    many = {str(number): "x" for number in range(99)}
    assert len(chained(Head(), [event(1, details=many)])[0].details) == 20


@pytest.mark.parametrize(
    ("changes", "good"),
    [({}, True), ({"tenant": "Not A Tenant"}, False), ({"id": ""}, False), ({"id": "x\n"}, False)],
)
def test_an_entry_has_a_tenant_and_an_id(changes, good) -> None:
    assert takeable(event(1, **changes)) is good
