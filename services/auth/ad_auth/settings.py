"""Settings of auth. Those of tokens (JWT_…) and the service key belong to the platform."""

from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from ad_auth.domain.sessions import Lifetimes
from ad_auth.domain.signing_keys import Schedule
from ad_chassis.settings import Block

ORIGIN = r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$"


class AuthSettings(Block):
    password_memory_kib: int = Field(default=65_536, ge=8, validation_alias="AUTH_PASSWORD_MEMORY_KIB")
    password_rounds: int = Field(default=3, ge=1, validation_alias="AUTH_PASSWORD_ROUNDS")
    password_lanes: int = Field(default=4, ge=1, validation_alias="AUTH_PASSWORD_LANES")
    password_workers: int = Field(default=2, ge=1, validation_alias="AUTH_PASSWORD_WORKERS")
    password_queue: int = Field(default=64, ge=1, validation_alias="AUTH_PASSWORD_QUEUE")
    max_failures: int = Field(default=10, ge=1, validation_alias="AUTH_MAX_FAILURES")
    failure_window_seconds: int = Field(default=900, ge=1, validation_alias="AUTH_FAILURE_WINDOW_SECONDS")
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
    upkeep_seconds: float = Field(default=600, gt=0, validation_alias="AUTH_UPKEEP_SECONDS")
    max_body_bytes: int = Field(default=64 * 2**10, ge=1, validation_alias="AUTH_MAX_BODY_BYTES")

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

    def lifetimes(self, access_minutes: float) -> Lifetimes:
        return Lifetimes(
            access=timedelta(minutes=access_minutes),
            refresh=timedelta(days=self.refresh_days),
            session=timedelta(days=self.session_days),
            refresh_grace=timedelta(seconds=self.refresh_grace_seconds),
        )
