"""The tables of auth."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from ad_chassis.database import JsonDocument, UtcDateTime, new_metadata
from ad_chassis.database.outbox import outbox_table
from ad_chassis.tenants.holdings import KEPT

SERVICE = "auth"
metadata = new_metadata()
# None is NULL and not JSON's null, so that queries can ask for it.
NamesOrNull = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

tenants = Table(
    "tenants",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("suspended_at", UtcDateTime, nullable=True),
    Column("quotas", JsonDocument, nullable=False, server_default="{}"),
    Column("revision", Integer, nullable=False, server_default="0"),
)

users = Table(
    "users",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("tenant", String(63), ForeignKey("tenants.tenant"), nullable=False),
    Column("username", String(128), nullable=False),
    Column("password_hash", String(255), nullable=False),
    Column("role", String(63), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("streams", NamesOrNull, nullable=True),
    Column("suspended_at", UtcDateTime, nullable=True),
    UniqueConstraint("tenant", "username"),
)

roles = Table(
    "roles",
    metadata,
    Column("tenant", String(63), ForeignKey("tenants.tenant"), primary_key=True),
    Column("name", String(63), primary_key=True),
    Column("permissions", JsonDocument, nullable=False),
    Column("created_by", String(255), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(63), ForeignKey("tenants.tenant"), nullable=False),
    Column("name", String(128), nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("role", String(63), nullable=True),
    Column("created_by", String(255), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=True),
    Column("last_used_at", UtcDateTime, nullable=True),
    Column("permissions", NamesOrNull, nullable=True),
    Column("streams", NamesOrNull, nullable=True),
    Column("old_secret_hash", String(64), nullable=True),
    Column("old_secret_until", UtcDateTime, nullable=True),
    Index("ix_api_keys_tenant", "tenant", "id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("user_id", String(32), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime, nullable=True),
    Column("client_id", String(63), nullable=True),
    Index("ix_sessions_user_id", "user_id"),
)

authorization_codes = Table(
    "authorization_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("user_id", String(32), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("client_id", String(63), nullable=False),
    Column("redirect_uri", String(512), nullable=False),
    Column("challenge", String(64), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=True),
    Column("session_id", String(32), nullable=True),
    Index("ix_authorization_codes_user_id", "user_id"),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("session_id", String(32), ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=True),
    Index("ix_refresh_tokens_session_id", "session_id"),
)

identities = Table(
    "identities",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("user_id", String(32), ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_identities_user_id", "user_id"),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("session_id", String(32), nullable=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime, nullable=True),
    Index("ix_access_tokens_subject", "tenant", "subject"),
    Index("ix_access_tokens_expires_at", "expires_at"),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("tenant", String(63), nullable=False),
    Column("id", String(64), nullable=False),
    Column("algorithm", String(16), nullable=False),
    Column("jwk", JsonDocument, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("signs_from", UtcDateTime, nullable=False),
    Column("retired_at", UtcDateTime, nullable=True),
    info={KEPT: "they belong to the installation"},
)

second_factors = Table(
    "second_factors",
    metadata,
    Column("user_id", String(32), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("secret", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime, nullable=True),
    Column("last_step", BigInteger, nullable=True),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user_id", String(32), ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("code_hash", String(64), primary_key=True),
    Column("tenant", String(63), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(64), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("subject", String(255), nullable=False),
    Column("action", String(128), nullable=False),
    Column("resource", Text, nullable=True),
    Column("outcome", String(16), nullable=False),
    Column("address", String(64), nullable=True),
    Column("service", String(63), nullable=True),
    Column("request_id", String(128), nullable=True),
    Column("details", JsonDocument, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("tenant", "id"),
    Index("ix_audit_entries_subject", "tenant", "subject", "seq"),
    Index("ix_audit_entries_at_ms", "tenant", "at_ms"),
    info={KEPT: "the audit log outlives what it tells of"},
)

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("tenant", String(63), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    info={KEPT: "the audit log outlives what it tells of"},
)

outbox = outbox_table(metadata, SERVICE)
