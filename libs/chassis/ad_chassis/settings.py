"""The settings of a process, in frozen blocks that are read once at the start and then passed in."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ad_chassis.errors import SettingsError

SERVICES = ("gateway", "auth", "ingestion", "training", "model_registry", "detection")
BlockType = TypeVar("BlockType", bound="Block")


class Block(BaseSettings):
    """Base of every block: frozen, read from the environment, made with field names in tests."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    @classmethod
    def load(cls) -> Self:
        """Reads the environment; the error names the variable, never its value."""
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError("; ".join(_complaints(cls, error))) from None


def data_directory() -> Path:
    """Where the embedded side keeps its files unless told: the user's data directory."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "anomaly_detection"


class RuntimeSettings(Block):
    env: Literal["development", "test", "production"] = Field(
        default="development", validation_alias="ANOMALY_DETECTION_ENV"
    )
    debug: bool = Field(default=False, validation_alias="ANOMALY_DETECTION_DEBUG")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", validation_alias="ANOMALY_DETECTION_LOG_LEVEL"
    )
    data_dir: Path = Field(default_factory=data_directory, validation_alias="ANOMALY_DETECTION_DATA_DIR")
    keys_dir: Path | None = Field(default=None, validation_alias="ANOMALY_DETECTION_KEYS_DIR")
    """Where the keys of models lie; `keys` below the data directory unless told."""
    start_seconds: float = Field(default=120.0, gt=0, validation_alias="ANOMALY_DETECTION_START_SECONDS")
    stop_seconds: float = Field(default=10.0, gt=0, validation_alias="ANOMALY_DETECTION_STOP_SECONDS")
    drain_seconds: float = Field(default=0.0, ge=0, validation_alias="ANOMALY_DETECTION_DRAIN_SECONDS")
    """How long a process that stops says that it is not ready, and still answers, before its socket closes."""

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value

    @field_validator("data_dir")
    @classmethod
    def _expand(cls, value: Path) -> Path:
        return value.expanduser().absolute()


class EventLogSettings(Block):
    bootstrap_servers: str | None = Field(default=None, validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    instance_id: str | None = Field(
        default=None, validation_alias="KAFKA_INSTANCE_ID", pattern=r"^[A-Za-z0-9._-]{1,200}$"
    )
    """Names this process in its consumer groups, so that a restart in time moves no partition; one for each process."""
    session_seconds: float = Field(default=10.0, ge=6, le=900, validation_alias="KAFKA_SESSION_SECONDS")
    """After so long without a sign of life the partitions of a process go to others; brokers allow 6 to 900."""
    schema_registry_url: str | None = Field(default=None, validation_alias="SCHEMA_REGISTRY_URL")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", validation_alias="KAFKA_SECURITY_PROTOCOL"
    )
    ssl_ca_file: Path | None = Field(default=None, validation_alias="KAFKA_SSL_CA_FILE")
    sasl_mechanism: Literal["OAUTHBEARER", "SCRAM-SHA-512", "PLAIN"] = Field(
        default="OAUTHBEARER", validation_alias="KAFKA_SASL_MECHANISM"
    )
    """OAUTHBEARER logs in with the key of the services; the others with a name and a password of the broker's."""
    sasl_username: str | None = Field(default=None, validation_alias="KAFKA_SASL_USERNAME")
    sasl_password: SecretStr | None = Field(default=None, validation_alias="KAFKA_SASL_PASSWORD")

    @property
    def uses_sasl(self) -> bool:
        return self.security_protocol.startswith("SASL_")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        named = self.sasl_username and self.sasl_password
        if self.uses_sasl and self.sasl_mechanism != "OAUTHBEARER" and not named:
            raise ValueError(f"{self.sasl_mechanism} needs KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD")
        return self


class DatabaseSettings(Block):
    url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    pool_size: int = Field(default=5, ge=1, validation_alias="DATABASE_POOL_SIZE")

    @field_validator("url")
    @classmethod
    def _known_scheme(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        return SecretStr(normalise_database_url(value.get_secret_value()))

    def url_for(self, service: str, data_dir: Path) -> str:
        """The given address, else a SQLite file of the service below the data directory."""
        if self.url is not None:
            return self.url.get_secret_value()
        return f"sqlite+aiosqlite:///{data_dir / 'databases' / (service + '.sqlite')}"


class CacheSettings(Block):
    url: SecretStr | None = Field(default=None, validation_alias="REDIS_URL")


class ObjectStoreSettings(Block):
    url: str | None = Field(default=None, validation_alias="OBJECT_STORE_URL")

    def url_for(self, data_dir: Path) -> str:
        """The given address, else a folder below the data directory."""
        return self.url or (data_dir / "objects").as_uri()


class HttpSettings(Block):
    host: str = Field(default="127.0.0.1", validation_alias="API_HOST")
    port: int = Field(default=8000, ge=0, le=65535, validation_alias="API_PORT")
    workers: int = Field(default=1, ge=1, validation_alias="API_WORKERS")
    max_body_bytes: int = Field(default=64 * 2**20, ge=1, validation_alias="API_MAX_BODY_BYTES")
    timeout_seconds: float = Field(default=30.0, gt=0, validation_alias="API_CLIENT_TIMEOUT_SECONDS")
    trusted_proxies: str = Field(default="", validation_alias="API_TRUSTED_PROXIES")
    """Addresses or networks, by commas, whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."""


class TokenSettings(Block):
    algorithm: Literal["ES256", "Ed25519"] = Field(default="ES256", validation_alias="JWT_ALGORITHM")
    access_minutes: float = Field(default=15, gt=0, validation_alias="JWT_ACCESS_TOKEN_EXPIRE_MINUTES")
    issuer: str = Field(
        default="anomaly_detection",
        validation_alias=AliasChoices("JWT_ISSUER", "ANOMALY_DETECTION_PUBLIC_URL"),
    )
    """RFC 8414 wants the address of the platform; where it has none, a name does for its own services."""
    audience: str = Field(default="anomaly_detection", validation_alias="JWT_AUDIENCE")
    service_key: SecretStr | None = Field(default=None, validation_alias="ANOMALY_DETECTION_SERVICE_KEY")
    secret: SecretStr | None = Field(
        default=None, validation_alias="JWT_SECRET_KEY", exclude=True, repr=False
    )

    @field_validator("secret")
    @classmethod
    def _no_shared_secret(cls, value: SecretStr | None) -> None:
        if value is not None:
            raise ValueError(
                "tokens are signed with asymmetric keys that the auth service makes and keeps, "
                "so no secret is shared; remove this variable "
                "(JWT_ALGORITHM chooses between ES256 and Ed25519)"
            )


class QuotaSettings(Block):
    """What a tenant may have that has no quotas of its own; without a value there is no limit."""

    streams: int | None = Field(default=None, ge=0, validation_alias="QUOTA_STREAMS")
    entities: int | None = Field(default=None, ge=0, validation_alias="QUOTA_ENTITIES")
    records_per_second: int | None = Field(default=None, ge=1, validation_alias="QUOTA_RECORDS_PER_SECOND")
    storage_bytes: int | None = Field(default=None, ge=0, validation_alias="QUOTA_STORAGE_BYTES")
    jobs: int | None = Field(default=None, ge=0, validation_alias="QUOTA_JOBS")


class TelemetrySettings(Block):
    prometheus: bool = Field(default=True, validation_alias="PROMETHEUS_ENABLED")
    metrics_port: int = Field(default=9100, ge=0, le=65535, validation_alias="METRICS_PORT")
    otlp_endpoint: str | None = Field(
        default=None,
        validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
    )


class WorkerSettings(Block):
    """What one of several workers inherits from the process that started it; nobody sets it by hand."""

    listener_fd: int | None = Field(default=None, validation_alias="ANOMALY_DETECTION_LISTENER_FD")
    parent_fd: int | None = Field(default=None, validation_alias="ANOMALY_DETECTION_PARENT_FD")


class ServiceUrls(Block):
    gateway: str | None = Field(default=None, validation_alias="GATEWAY_URL")
    auth: str | None = Field(default=None, validation_alias="AUTH_URL")
    ingestion: str | None = Field(default=None, validation_alias="INGESTION_URL")
    training: str | None = Field(default=None, validation_alias="TRAINING_URL")
    model_registry: str | None = Field(default=None, validation_alias="MODEL_REGISTRY_URL")
    detection: str | None = Field(default=None, validation_alias="DETECTION_URL")

    def url_for(self, service: str) -> str:
        """The address of a service, or an error that names the variable to set."""
        if service not in SERVICES:
            raise SettingsError(f"no service is called {service!r}; there are {', '.join(SERVICES)}")
        url: str | None = getattr(self, service)
        if url is None:
            raise SettingsError(
                f"{service.upper()}_URL is not set: the address of {service}, such as http://{service}:8000"
            )
        return url


class PlatformSettings(Block):
    """All blocks of a process. Made by `load_settings`, or with single blocks replaced in tests."""

    runtime: RuntimeSettings = Field(default_factory=RuntimeSettings.load)
    event_log: EventLogSettings = Field(default_factory=EventLogSettings.load)
    database: DatabaseSettings = Field(default_factory=DatabaseSettings.load)
    cache: CacheSettings = Field(default_factory=CacheSettings.load)
    objects: ObjectStoreSettings = Field(default_factory=ObjectStoreSettings.load)
    http: HttpSettings = Field(default_factory=HttpSettings.load)
    tokens: TokenSettings = Field(default_factory=TokenSettings.load)
    quotas: QuotaSettings = Field(default_factory=QuotaSettings.load)
    telemetry: TelemetrySettings = Field(default_factory=TelemetrySettings.load)
    services: ServiceUrls = Field(default_factory=ServiceUrls.load)
    worker: WorkerSettings = Field(default_factory=WorkerSettings.load)


def load_settings() -> PlatformSettings:
    """Reads every block from the environment."""
    return PlatformSettings()


def normalise_database_url(url: str) -> str:
    """Names the asynchronous driver: SQLAlchemy takes a bare postgresql:// for another one."""
    scheme, separator, rest = url.partition("://")
    drivers: Mapping[str, str] = {
        "postgres": "postgresql+asyncpg",
        "postgresql": "postgresql+asyncpg",
        "postgresql+asyncpg": "postgresql+asyncpg",
        "sqlite": "sqlite+aiosqlite",
        "sqlite+aiosqlite": "sqlite+aiosqlite",
    }
    if not separator or scheme not in drivers:
        raise ValueError("the address must begin with postgresql://, postgresql+asyncpg:// or sqlite:///")
    return f"{drivers[scheme]}://{rest}"


def without_credentials(url: str) -> str:
    """An address that may be logged."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()


def _complaints(block: type[Block], error: ValidationError) -> list[str]:
    return [
        f"{_variable(block, problem['loc'])}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in error.errors()
    ]


def _variable(block: type[Block], location: tuple[int | str, ...]) -> str:
    name = str(location[0]) if location else block.__name__
    field = block.model_fields.get(name)
    alias = field.validation_alias if field else None
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    return str(alias or name)
