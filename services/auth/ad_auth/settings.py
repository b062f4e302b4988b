"""Settings of auth. Those of tokens (JWT_…) and the service key belong to the platform."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import NoDecode

from ad_auth.domain.sessions import Lifetimes
from ad_auth.domain.signing_keys import Schedule
from ad_chassis.security.access import TENANT_NAME
from ad_chassis.settings import Block

ORIGIN = r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$"
ISSUER = r"^(https://[^\s?#]+|http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?(/[^\s?#]*)?)$"


class AuthSettings(Block):
    password_memory_kib: int = Field(default=65_536, ge=8, validation_alias="AUTH_PASSWORD_MEMORY_KIB")
    password_rounds: int = Field(default=3, ge=1, validation_alias="AUTH_PASSWORD_ROUNDS")
    password_lanes: int = Field(default=4, ge=1, validation_alias="AUTH_PASSWORD_LANES")
    password_workers: int = Field(default=2, ge=1, validation_alias="AUTH_PASSWORD_WORKERS")
    password_queue: int = Field(default=64, ge=1, validation_alias="AUTH_PASSWORD_QUEUE")
    max_failures: int = Field(default=10, ge=1, validation_alias="AUTH_MAX_FAILURES")
    failure_window_seconds: int = Field(default=900, ge=1, validation_alias="AUTH_FAILURE_WINDOW_SECONDS")
    max_failures_per_address: int = Field(default=100, ge=1, validation_alias="AUTH_MAX_FAILURES_PER_ADDRESS")
    breached_passwords: Path | None = Field(default=None, validation_alias="AUTH_BREACHED_PASSWORDS_FILE")
    refresh_days: float = Field(default=14, gt=0, validation_alias="AUTH_REFRESH_TOKEN_EXPIRE_DAYS")
    refresh_grace_seconds: float = Field(
        default=10, ge=0, le=60, validation_alias="AUTH_REFRESH_GRACE_SECONDS"
    )
    session_days: float = Field(default=90, gt=0, validation_alias="AUTH_SESSION_EXPIRE_DAYS")
    signing_key_days: float = Field(default=90, gt=0, validation_alias="AUTH_SIGNING_KEY_DAYS")
    signing_key_ahead_minutes: float = Field(
        default=60, ge=6, validation_alias="AUTH_SIGNING_KEY_AHEAD_MINUTES"
    )
    """Verifiers keep the key set for five minutes, those of others perhaps longer."""
    public_url: str | None = Field(
        default=None, pattern=ORIGIN, validation_alias="ANOMALY_DETECTION_PUBLIC_URL"
    )
    """Where browsers reach the platform, such as https://anomalies.example.org."""
    oidc_issuer: str | None = Field(default=None, pattern=ISSUER, validation_alias="AUTH_OIDC_ISSUER")
    """The external provider through which people sign in; by http on this machine alone."""
    oidc_client_id: str | None = Field(default=None, validation_alias="AUTH_OIDC_CLIENT_ID")
    oidc_client_secret: SecretStr | None = Field(default=None, validation_alias="AUTH_OIDC_CLIENT_SECRET")
    oidc_name: str = Field(default="single sign-on", max_length=64, validation_alias="AUTH_OIDC_NAME")
    oidc_scopes: str = Field(default="openid profile email", validation_alias="AUTH_OIDC_SCOPES")
    oidc_tenant: str = Field(
        default="default", pattern=f"^{TENANT_NAME.pattern}$", validation_alias="AUTH_OIDC_TENANT"
    )
    oidc_role_claim: str = Field(default="groups", min_length=1, validation_alias="AUTH_OIDC_ROLE_CLAIM")
    oidc_role_map: Annotated[dict[str, str], NoDecode] = Field(
        default={}, validation_alias="AUTH_OIDC_ROLE_MAP"
    )
    """Values of the claim and the roles that they give, as JSON; the first that a person has counts."""
    upkeep_seconds: float = Field(default=600, gt=0, validation_alias="AUTH_UPKEEP_SECONDS")
    max_body_bytes: int = Field(default=64 * 2**10, ge=1, validation_alias="AUTH_MAX_BODY_BYTES")

    @field_validator("oidc_role_map", mode="before")
    @classmethod
    def _from_json(cls, value: Any) -> Any:
        try:
            return json.loads(value) if isinstance(value, str) else value
        except ValueError:
            raise ValueError('must be JSON such as {"ad-admins": "admin", "staff": "viewer"}') from None

    @property
    def key_schedule(self) -> Schedule:
        return Schedule(
            timedelta(days=self.signing_key_days), timedelta(minutes=self.signing_key_ahead_minutes)
        )

    @model_validator(mode="after")
    def _keys_sign_longer_than_they_wait(self) -> Self:
        if self.key_schedule.max_age <= self.key_schedule.ahead:
            raise ValueError("AUTH_SIGNING_KEY_DAYS must be longer than AUTH_SIGNING_KEY_AHEAD_MINUTES")
        return self

    @model_validator(mode="after")
    def _a_provider_is_whole(self) -> Self:
        whole = self.oidc_client_id and self.oidc_client_secret and self.oidc_role_map and self.public_url
        if self.oidc_issuer is not None and not whole:
            raise ValueError(
                "AUTH_OIDC_ISSUER needs AUTH_OIDC_CLIENT_ID, AUTH_OIDC_CLIENT_SECRET, AUTH_OIDC_ROLE_MAP and "
                "ANOMALY_DETECTION_PUBLIC_URL beside it"
            )
        return self

    def lifetimes(self, access_minutes: float) -> Lifetimes:
        return Lifetimes(
            access=timedelta(minutes=access_minutes),
            refresh=timedelta(days=self.refresh_days),
            session=timedelta(days=self.session_days),
            refresh_grace=timedelta(seconds=self.refresh_grace_seconds),
        )
