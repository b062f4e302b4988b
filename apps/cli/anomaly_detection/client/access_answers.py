"""What the platform answers about who may do what, and who did."""

from typing import Any, TypedDict


class Me(TypedDict):
    """Who calls."""

    subject: str
    kind: str
    name: str
    tenant: str
    permissions: list[str]
    streams: list[str] | None


class User(TypedDict):
    id: str
    username: str
    role: str
    streams: list[str] | None
    suspended_at: str | None
    created_at: str
    updated_at: str


class Role(TypedDict):
    name: str
    built_in: bool
    permissions: list[str]
    allows: list[str]


class ApiKey(TypedDict):
    id: str
    name: str
    role: str | None
    permissions: list[str] | None
    streams: list[str] | None
    created_by: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    old_secret_until: str | None


class NewApiKey(ApiKey):
    """A key with its secret, which is shown this once."""

    key: str


class Tenant(TypedDict):
    tenant: str
    created_at: str
    suspended_at: str | None
    quotas: dict[str, int]


class NewTenant(Tenant):
    """A tenant with the key of its first administrator, which is shown this once."""

    key: str


class AuditEntry(TypedDict):
    """Who did what to what, from where, with what outcome; hashed with the entry before."""

    tenant: str
    seq: int
    id: str
    at_ms: int
    subject: str
    action: str
    resource: str | None
    outcome: str
    address: str | None
    service: str | None
    request_id: str | None
    details: dict[str, Any]
    previous_hash: str
    hash: str


class AuditHead(TypedDict):
    """The newest entry of the audit log."""

    tenant: str
    seq: int
    hash: str
    head: str
