"""The caller of a request, there and back through the claims of a token."""

import pytest

from ad_chassis.security import Principal
from ad_chassis.security.permissions import EVERYTHING, SCOPES
from ad_chassis.security.principal import from_claims, to_claims


@pytest.mark.parametrize(
    "principal",
    [
        Principal("ann", "acme", SCOPES["read"], "user", "t", 1900),
        Principal("k", "acme", frozenset({"models:promote"}), "api_key", "t", 1900, frozenset({"a", "b"})),
        Principal("k", "acme", frozenset(), "api_key", "t", 1900, frozenset()),
        Principal("s", "acme", EVERYTHING, "service", "t", 1900),
    ],
)
def test_a_principal_survives_its_claims(principal: Principal) -> None:
    claims = to_claims(principal, issuer="i", audience="a", issued_at=1000, lifetime_seconds=900)
    assert from_claims(claims) == principal
    assert ("streams" in claims) == (principal.streams is not None)


def test_who_is_bound_sees_these_streams_and_nothing_that_belongs_to_none() -> None:
    bound = Principal("k", "acme", EVERYTHING, streams=frozenset({"pumps"}))
    assert [bound.sees(each) for each in ("pumps", "mills", "", None)] == [True, False, False, False]
    nothing = Principal("k", "acme", EVERYTHING, streams=frozenset())
    assert not nothing.sees("pumps")
    free = Principal("k", "acme", EVERYTHING)
    assert free.sees("mills")
    assert free.sees(None)


def test_old_scopes_go_on() -> None:
    claims = to_claims(
        Principal("ann", "acme", frozenset({"read"}), "user", "t"),
        issuer="i",
        audience="a",
        issued_at=1000,
        lifetime_seconds=900,
    )
    assert claims["scope"] == "read"
    assert from_claims(claims).permissions == SCOPES["read"]


@pytest.mark.parametrize("streams", ["pumps", [1], {}, 0, False])
def test_a_binding_that_cannot_be_read_opens_nothing(streams: object) -> None:
    free = Principal("k", "acme", EVERYTHING, token_id="t")
    claims = to_claims(free, issuer="i", audience="a", issued_at=1000, lifetime_seconds=900)
    with pytest.raises(ValueError, match="streams"):
        from_claims(claims | {"streams": streams})
