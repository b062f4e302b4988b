"""The caller of a request, as its token says."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from ad_chassis.security.kafka_identity import CLAIM, kafka_name
from ad_chassis.security.permissions import Permission, expanded, scopes_of

Kind = Literal["user", "api_key", "service"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MAX_STREAMS = 50
"""So many streams can be named in a binding, because every token carries them."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Permissions are a plain set: none of them implies another.

    `streams` are those that the caller is bound to; None where all of the tenant are meant.
    """

    subject: str
    tenant: str
    permissions: frozenset[str]
    kind: Kind = "user"
    token_id: str | None = None
    expires_at: int | None = None
    streams: frozenset[str] | None = None
    client_id: str | None = None
    """The program that a user signed in with; None where the subject is the client itself."""

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def sees(self, stream: str | None) -> bool:
        """Whether this stream is there for the caller; None is what belongs to no stream."""
        return self.streams is None or stream in self.streams


def to_claims(
    principal: Principal, *, issuer: str, audience: str, issued_at: int, lifetime_seconds: float
) -> dict[str, Any]:
    """The claims of an access token (RFC 9068) for a principal that has a token id."""
    bound = {} if principal.streams is None else {"streams": sorted(principal.streams)}
    at_kafka = kafka_name(principal)
    named = {} if at_kafka is None else {CLAIM: at_kafka}
    return (
        bound
        | named
        | {
            "iss": issuer,
            "aud": audience,
            "sub": principal.subject,
            "client_id": principal.client_id or principal.subject,
            "iat": issued_at,
            "nbf": issued_at,
            "exp": issued_at + int(lifetime_seconds),
            "jti": principal.token_id,
            "tenant": principal.tenant,
            "kind": principal.kind,
            "scope": " ".join(scopes_of(principal.permissions)),
        }
    )


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
        permissions=expanded(claims["scope"].split()),
        kind=kind,
        token_id=claims["jti"],
        expires_at=int(claims["exp"]),
        streams=_bound(claims.get("streams")),
        client_id=_client(claims),
    )


def _client(claims: dict[str, Any]) -> str | None:
    client_id = claims.get("client_id")
    return client_id if isinstance(client_id, str) and client_id != claims["sub"] else None


def _bound(streams: object) -> frozenset[str] | None:
    """A binding that cannot be read must not count as none, which would open every stream."""
    if streams is None:
        return None
    if not isinstance(streams, list) or not all(isinstance(each, str) for each in streams):
        raise ValueError("claim 'streams' must be a list of names")
    return frozenset(streams)
