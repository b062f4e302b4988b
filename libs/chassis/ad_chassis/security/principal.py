"""The caller of a request, as its token says."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

Permission = Literal["read", "write", "admin"]
Kind = Literal["user", "api_key", "service"]
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Principal:
    """Permissions are a plain set: none of them implies another."""

    subject: str
    tenant: str
    permissions: frozenset[str]
    kind: Kind = "user"
    token_id: str | None = None
    expires_at: int | None = None

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions


def to_claims(
    principal: Principal, *, issuer: str, audience: str, issued_at: int, lifetime_seconds: float
) -> dict[str, Any]:
    """The claims of an access token (RFC 9068) for a principal that has a token id."""
    return {
        "iss": issuer,
        "aud": audience,
        "sub": principal.subject,
        "client_id": principal.subject,
        "iat": issued_at,
        "nbf": issued_at,
        "exp": issued_at + int(lifetime_seconds),
        "jti": principal.token_id,
        "tenant": principal.tenant,
        "kind": principal.kind,
        "scope": " ".join(sorted(principal.permissions)),
    }


def from_claims(claims: dict[str, Any]) -> Principal:
    """The principal of verified claims; a `ValueError` names the claim that does not fit."""
    kind = claims.get("kind")
    if kind not in KINDS:
        raise ValueError(f"claim 'kind' must be one of {', '.join(KINDS)}")
    for name in ("sub", "tenant", "scope", "jti"):
        if not isinstance(claims.get(name), str):
            raise ValueError(f"claim '{name}' must be a text")
    return Principal(
        subject=claims["sub"],
        tenant=claims["tenant"],
        permissions=frozenset(claims["scope"].split()) & frozenset(PERMISSIONS),
        kind=kind,
        token_id=claims["jti"],
        expires_at=int(claims["exp"]),
    )
