"""Bodies and answers of auth."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from ad_auth.domain.accounts import PASSWORD_MAX, PASSWORD_MIN
from ad_auth.domain.roles import ROLE_NAME
from ad_chassis.http import Body
from ad_chassis.http.moments import ZonedMoment
from ad_chassis.security.access import TENANT_NAME
from ad_chassis.security.principal import MAX_STREAMS

BEARER: Literal["Bearer"] = "Bearer"
Name = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9]{1,64}$")]
Password = Annotated[SecretStr, Field(min_length=PASSWORD_MIN, max_length=PASSWORD_MAX)]


RoleName = Annotated[str, Field(pattern=f"^{ROLE_NAME.pattern}$", description="Of GET /api/v1/roles")]
TenantName = Annotated[str, Field(pattern=f"^{TENANT_NAME.pattern}$")]
MOST = 2**53 - 1
TenantPath = Annotated[str, Path(pattern=f"^{TENANT_NAME.pattern}$")]
RolePath = Annotated[str, Path(pattern=f"^{ROLE_NAME.pattern}$")]
StreamName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
Streams = Annotated[
    list[StreamName],
    Field(
        min_length=1,
        max_length=MAX_STREAMS,
        description="Only these streams are there for the account; null or left out for all",
    ),
]
Permissions = Annotated[
    list[Annotated[str, Field(max_length=63)]],
    Field(
        min_length=1,
        max_length=100,
        description="Such as models:promote, or read, write and admin for sets of them",
    ),
]
MAX_OVERLAP_SECONDS = 30 * 86_400


class Change(Body):
    """What is left out stays as it is."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(f"give at least one of {', '.join(type(self).model_fields)}")
        for name in self.model_fields_set - {"streams", "expires_at"}:
            if getattr(self, name) is None:
                raise ValueError(f"{name} cannot be null; leave it out to keep it")
        return self

    def changes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.model_fields_set}


class NewUser(Body):
    username: Name
    password: Password
    role: RoleName
    streams: Streams | None = None


class UserChange(Change):
    role: RoleName | None = None
    password: Password | None = None
    streams: Streams | None = None
    suspended: bool | None = Field(default=None, description="A suspended user cannot log in")


class NewKey(Body):
    name: Name
    role: RoleName | None = None
    permissions: Permissions | None = None
    streams: Streams | None = None
    expires_at: ZonedMoment | None = None

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.role is None) == (self.permissions is None):
            raise ValueError("give a role or permissions, and not both")
        return self


class KeyChange(Change):
    name: Name | None = None
    role: RoleName | None = None
    permissions: Permissions | None = None
    streams: Streams | None = None
    expires_at: ZonedMoment | None = None

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.role is not None and self.permissions is not None:
            raise ValueError("give a role or permissions, and not both")
        return self


class CurrentPassword(Body):
    password: Annotated[SecretStr, Field(min_length=1, max_length=PASSWORD_MAX)]


class Code(Body):
    code: Annotated[
        SecretStr, Field(min_length=1, max_length=64, description="Six digits, or a recovery code")
    ]


class Rotation(Body):
    overlap_seconds: int = Field(
        default=86_400, ge=0, le=MAX_OVERLAP_SECONDS, description="So long the old secret works as well"
    )


class NewRole(Body):
    name: RoleName
    permissions: Permissions


class RoleChange(Body):
    permissions: Permissions


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TokenAnswer(Answer):
    access_token: str
    token_type: Literal["Bearer"] = BEARER
    expires_in: int
    refresh_token: str | None = None
    scope: str
    tenant: str


class DeviceAnswer(Answer):
    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


class MeAnswer(Answer):
    subject: str
    kind: str
    name: str
    tenant: str
    permissions: list[str] = Field(description="Permissions, and the scopes that stand for sets of them")
    streams: list[str] | None = Field(description="Those that the caller is bound to; null for all")


class UserAnswer(Answer):
    id: str
    username: str
    role: str
    streams: list[str] | None
    suspended_at: datetime | None
    created_at: datetime
    updated_at: datetime


class TotpAnswer(Answer):
    enabled: bool
    confirmed_at: datetime | None
    recovery_codes_left: int


class NewTotpAnswer(Answer):
    secret: str = Field(description="In base 32; it is shown here and never again")
    uri: str = Field(description="The same for apps, as a QR code: otpauth://totp/…")


class RecoveryAnswer(Answer):
    recovery_codes: list[str] = Field(description="Each is good for one login; they are shown once")


class UsersPage(Answer):
    items: list[UserAnswer]
    next_cursor: str | None


class KeyAnswer(Answer):
    id: str
    name: str
    role: str | None
    permissions: list[str] | None
    streams: list[str] | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    old_secret_until: datetime | None = Field(description="After a rotation: when the secret before it ends")


class NewKeyAnswer(KeyAnswer):
    key: str = Field(description="The key itself; it is shown here and never again")


class KeysPage(Answer):
    items: list[KeyAnswer]
    next_cursor: str | None


class Quotas(Body):
    """What a tenant may have. null or left out: what the services' settings say, which may be no limit."""

    streams: int | None = Field(default=None, ge=0, le=MOST, description="Streams that there are")
    entities: int | None = Field(
        default=None, ge=0, le=MOST, description="Entities that all streams may hold together"
    )
    records_per_second: int | None = Field(
        default=None, ge=1, le=MOST, description="Records over REST, on average; ten seconds of them at once"
    )
    storage_bytes: int | None = Field(default=None, ge=0, le=MOST, description="Records kept in the lake")
    jobs: int | None = Field(default=None, ge=0, le=MOST, description="Training jobs that wait or run")


class NewTenant(Body):
    name: TenantName
    quotas: Quotas = Quotas()


class TenantChange(Change):
    suspended: bool | None = Field(default=None, description="Nobody of a suspended tenant gets in")
    quotas: Quotas | None = Field(default=None, description="What is left out of them stays as it is")


class TenantAnswer(Answer):
    tenant: str
    created_at: datetime
    suspended_at: datetime | None
    quotas: dict[str, int] = Field(description="Its own; for the others the services' settings count")


class NewTenantAnswer(TenantAnswer):
    key: str = Field(description="Of the first administrator; shown this once")


class TenantsPage(Answer):
    items: list[TenantAnswer]
    next_cursor: str | None


class RoleAnswer(Answer):
    name: str
    built_in: bool
    permissions: list[str] = Field(description="As short as they can be said")
    allows: list[str] = Field(description="Every single permission")


class RolesPage(Answer):
    items: list[RoleAnswer]
    permissions: dict[str, str] = Field(description="Every permission that there is, and what it allows")
    next_cursor: str | None = None


class AuditEntryAnswer(Answer):
    tenant: str
    seq: int = Field(description="The place in the chain of the tenant, from 1 without gaps")
    id: str
    at_ms: int = Field(description="When, in milliseconds since the epoch, UTC")
    subject: str = Field(description="The id of a user or key; `unknown` for who did not prove to be one")
    action: str
    resource: str | None
    outcome: Literal["allowed", "denied", "failed"]
    address: str | None
    service: str | None
    request_id: str | None
    details: dict[str, str]
    previous_hash: str
    hash: str = Field(description="SHA-256 of all the other fields as RFC 8785 writes them")


class AuditPage(Answer):
    items: list[AuditEntryAnswer]
    next_cursor: str | None


class AuditHeadAnswer(Answer):
    tenant: str
    seq: int
    hash: str
    head: str = Field(description="Both, as `anomaly_detection audit verify --head` takes them")
