"""Who people of another provider are here."""

import pytest

from ad_auth.domain.external import RoleMap, usernames_of

ROLES = {"admins": "admin", "staff": "viewer"}


@pytest.mark.parametrize(
    ("claim", "claims", "role"),
    [
        ("groups", {"groups": ["staff", "admins"]}, "admin"),
        ("groups", {"groups": "staff"}, "viewer"),
        ("groups", {"groups": ["others"]}, None),
        ("groups", {"groups": [["staff"]]}, None),
        ("groups", {"groups": {"staff": True}}, None),
        ("groups", {}, None),
        ("realm_access.roles", {"realm_access": {"roles": ["staff"]}}, "viewer"),
        ("realm_access.roles", {"realm_access": ["staff"]}, None),
    ],
)
def test_the_first_value_of_the_map_that_a_person_has_gives_the_role(claim, claims, role) -> None:
    assert RoleMap(claim, ROLES).role(claims) == role


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"preferred_username": "Bob", "email": "b@example.org"}, "bob"),
        ({"preferred_username": "Bob Smith", "email": "B@Example.org"}, "b@example.org"),
        ({"preferred_username": "", "email": None}, "external-"),
    ],
)
def test_a_name_is_that_of_the_claims_where_it_can_be_one(claims, name) -> None:
    wanted, own = usernames_of(claims | {"sub": "1"}, "https://idp.example")
    assert wanted.startswith(name)
    assert own.startswith(wanted)
    assert usernames_of(claims | {"sub": "2"}, "https://idp.example")[1] != own
    assert usernames_of(claims | {"sub": "1"}, "https://other.example")[1] != own
