"""The closed list of permissions, and scopes for sets of them."""

from itertools import combinations
from typing import get_args

from ad_chassis.security.permissions import (
    EVERYTHING,
    GRANTABLE,
    PERMISSIONS,
    SCOPES,
    Permission,
    expanded,
    scopes_of,
)


def test_each_permission_is_explained_and_belongs_to_exactly_one_scope() -> None:
    assert set(PERMISSIONS) == set(get_args(Permission)) == EVERYTHING == frozenset().union(*SCOPES.values())
    assert all(not one & other for one, other in combinations(SCOPES.values(), 2))
    assert all(what and not what.endswith(".") for what in PERMISSIONS.values())


def test_reading_changes_nothing_and_administration_is_neither() -> None:
    assert {each for each in SCOPES["read"] if each.endswith((":write", ":promote", ":publish"))} == set()
    assert SCOPES["admin"] == {
        *("roles:write", "users:read", "users:write", "api_keys:read", "api_keys:write"),
        *("audit:read", "tokens:introspect"),
    }


def test_a_scope_stands_for_its_set_and_what_is_unknown_for_nothing() -> None:
    assert expanded(["read", "models:promote", "fly", "models:*"]) == SCOPES["read"] | {"models:promote"}
    assert expanded([]) == frozenset()


def test_a_set_is_said_as_shortly_as_it_can_be_and_means_the_same() -> None:
    assert scopes_of(EVERYTHING) == ["admin", "platform", "read", "write"]
    some = SCOPES["read"] | {"models:promote"}
    assert scopes_of(some) == ["models:promote", "read"]
    for each in (some, SCOPES["read"] - {"roles:read"}, frozenset(), EVERYTHING):
        assert expanded(scopes_of(each)) == each


def test_all_can_be_granted_but_what_reaches_beyond_tenants() -> None:
    assert SCOPES["platform"] == {"tenants:read", "tenants:write", "metrics:read"}
    assert set(GRANTABLE) == {"read", "write", "admin", *EVERYTHING} - SCOPES["platform"]
