"""Settings of auth. Those of tokens (JWT_…) and the service key belong to the platform."""

from datetime import timedelta
from pathlib import Path

from pydantic import Field

from ad_auth.domain.sessions import Lifetimes
from ad_chassis.settings import Block


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
    session_days: float = Field(default=90, gt=0, validation_alias="AUTH_SESSION_EXPIRE_DAYS")
    signing_key_days: float = Field(default=90, gt=0, validation_alias="AUTH_SIGNING_KEY_DAYS")
    upkeep_seconds: float = Field(default=600, gt=0, validation_alias="AUTH_UPKEEP_SECONDS")
    max_body_bytes: int = Field(default=64 * 2**10, ge=1, validation_alias="AUTH_MAX_BODY_BYTES")

    def lifetimes(self, access_minutes: float) -> Lifetimes:
        return Lifetimes(
            access=timedelta(minutes=access_minutes),
            refresh=timedelta(days=self.refresh_days),
            session=timedelta(days=self.session_days),
        )
