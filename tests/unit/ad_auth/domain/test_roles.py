"""Roles."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from ad_auth.domain.roles import ROLES, Role, permissions_of, unknown_permissions
from ad_chassis.security.permissions import EVERYTHING, SCOPES, scopes_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_each_built_in_role_has_more_than_the_one_before() -> None:
    assert list(ROLES) == ["viewer", "analyst", "operator", "admin"]
    sets = list(ROLES.values())
    assert all(less < more for less, more in pairwise(sets))
    assert (sets[0], sets[-1]) == (SCOPES["read"], EVERYTHING - SCOPES["platform"])


def test_an_analyst_changes_nothing_that_runs() -> None:
    assert scopes_of(ROLES["analyst"]) == [
        "models:write", "read", "records:write", "replays:write", "training:write"
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["", "root"])
def test_a_role_that_does_not_exist_allows_nothing(name: str) -> None:
    assert permissions_of(name, None) == frozenset()


def test_a_role_that_a_tenant_made_allows_what_it_lists_and_stands_for_no_built_in_one() -> None:
    made = Role("default", "feeder", ["records:write", "gone:long-ago"], "me", NOW, NOW)
    assert permissions_of("feeder", made) == {"records:write"}
    assert permissions_of("viewer", made) == SCOPES["read"]


def test_permissions_that_do_not_exist_are_told_apart() -> None:
    assert unknown_permissions(
        ["read", "models:promote", "models:fly", "*", "platform", "tenants:write"]
    ) == ["*", "models:fly", "platform", "tenants:write"]
