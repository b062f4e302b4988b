"""How events become entries of a chain."""

import pytest

from ad_auth.domain.audit import as_json, chained, named, takeable
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


def test_names_of_accounts_stand_beside_their_ids_and_nobody_else_gives_them() -> None:
    forged = {"subject_name": "root", "resource_name": "kept as it has no other", "status": "200"}
    found = named(event(1, subject="0f", resource="/path", details=forged), {"0f": "ann", "1a": "bob"})
    assert found.details == forged | {"subject_name": "ann"}
    assert named(event(1, resource="1a"), {"1a": "bob"}).details["resource_name"] == "bob"
    many = {str(number): "x" for number in range(99)}
    [entry] = chained(Head(), [named(event(1, details=many), {"0f": "ann"})])
    assert entry.details["subject_name"] == "ann"


@pytest.mark.parametrize(
    ("changes", "good"),
    [({}, True), ({"tenant": "Not A Tenant"}, False), ({"id": ""}, False), ({"id": "x\n"}, False)],
)
def test_an_entry_has_a_tenant_and_an_id(changes, good) -> None:
    assert takeable(event(1, **changes)) is good
