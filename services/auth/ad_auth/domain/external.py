"""People whom an external OpenID provider knows: who they are here, and what role its claims give them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ad_auth.domain.accounts import InvalidAccount, canonical_username
from ad_auth.domain.credentials import digest


class IdentityRefused(ValueError):
    """The provider's answer is not good, or gives no way in; the person is told why."""


@dataclass(frozen=True, slots=True)
class RoleMap:
    """Which role the values of a claim give; the first one of the map that the person has counts."""

    claim: str
    roles: Mapping[str, str]

    def role(self, claims: Mapping[str, Any]) -> str | None:
        found: Any = claims
        for part in self.claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        values = (
            {found} if isinstance(found, str) else set(map(str, found)) if isinstance(found, list) else set()
        )
        return next((role for value, role in self.roles.items() if value in values), None)


@dataclass(frozen=True, slots=True)
class Identity:
    """A person by issuer and subject, the two that a provider never gives to somebody else."""

    tenant: str
    issuer: str
    subject: str
    user_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """What the browser was sent away with, until it comes back."""

    asked: dict[str, str]
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    browser_hash: str


def usernames_of(claims: Mapping[str, Any], issuer: str) -> tuple[str, str]:
    """The name that is wanted, and one that nobody else has; somebody's account is never taken over by its name."""
    mark = digest(f"{issuer} {claims['sub']}")[:8]
    for claim in ("preferred_username", "email"):
        try:
            name = canonical_username(str(claims.get(claim) or ""))
        except InvalidAccount:
            continue
        return name, f"{name[:119]}-{mark}"
    return f"external-{mark}", f"external-{mark}-{digest(mark)[:8]}"
