"""Roles."""

import pytest

from ad_auth.domain.roles import permissions_of


@pytest.mark.parametrize(
    ("role", "permissions"),
    [
        ("viewer", {"read"}),
        ("analyst", {"read", "write"}),
        ("operator", {"read", "write"}),
        ("admin", {"read", "write", "admin"}),
        ("", set()),
        ("root", set()),
    ],
)
def test_a_role_has_its_permissions_and_an_unknown_one_has_none(role: str, permissions: set[str]) -> None:
    assert permissions_of(role) == permissions
