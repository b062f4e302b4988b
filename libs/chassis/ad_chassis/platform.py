"""Everything a service is given: the adapters that the settings choose, opened once per process."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy import MetaData

from ad_chassis.audit_trail import AuditTrail
from ad_chassis.cache import Cache, MemoryCache, RedisCache
from ad_chassis.database import Database
from ad_chassis.eventlog.port import EventLog
from ad_chassis.eventlog.topics import topic_configs
from ad_chassis.health import Health
from ad_chassis.http.app import create_app
from ad_chassis.http.client import RetryPolicy, ServiceClient, Target
from ad_chassis.metrics import Metrics
from ad_chassis.objects import ObjectStore
from ad_chassis.security.call_audit import CallAudit
from ad_chassis.security.jwks import JwksSource
from ad_chassis.security.revocations import RevocationList
from ad_chassis.security.token_source import ServiceTokenSource, TokenSource
from ad_chassis.security.verifier import TokenVerifier
from ad_chassis.security_metrics import REGISTRY as SECURITY_REGISTRY
from ad_chassis.settings import PlatformSettings
from ad_chassis.telemetry import Telemetry
from ad_chassis.tenants import Quotas, TenantView
from ad_contracts.codec import Codec, codec_for

JWKS_PATH = "/api/v1/auth/jwks.json"
LOGIN_PATH = "/api/v1/auth/token"
SERVICE_KEY_FILE = "service.key"
DEFAULT_TENANT = "default"
REVOCATION_SECONDS = 2.0
"""How long a token that was not revoked counts as such without asking a Redis; every service must know within 5."""
VERSION = metadata.version("ad-chassis")
# A request waits for this, so it gives up early.
LOGIN_RETRIES = RetryPolicy(attempts=3, total_seconds=5.0)


class Platform:
    """The adapters of one process, shared by its services; each has its own database and metrics."""

    def __init__(
        self,
        settings: PlatformSettings,
        *,
        name: str,
        version: str,
        event_log: EventLog,
        cache: Cache,
        objects: ObjectStore,
        edge: str | None = None,
    ) -> None:
        self.settings = settings
        self.name = name
        self.version = version
        self.event_log = event_log
        self.cache = cache
        self.objects = objects
        self.telemetry = Telemetry(name, version, settings.telemetry)
        self.codec: Codec = codec_for(settings.event_log.schema_registry_url)
        self.audit = AuditTrail(event_log, self.codec)
        self.tenants = TenantView(event_log, self.codec, Quotas(**settings.quotas.model_dump()))
        self._edge = edge
        self._apps: dict[str, FastAPI] = {}
        self._clients: dict[str, ServiceClient] = {}
        self._databases: dict[str, Database] = {}
        self._metrics: dict[str, Metrics] = {}
        self.tokens: TokenSource = ServiceTokenSource(self._request_token, self.service_key)
        tokens = settings.tokens
        self.verifier = TokenVerifier(
            JwksSource(self._fetch_keys),
            issuer=tokens.issuer,
            audience=tokens.audience,
            is_revoked=RevocationList(self.cache).holds,
            recheck_seconds=0.0 if settings.cache.url is None else REVOCATION_SECONDS,
        )

    @property
    def data_dir(self) -> Path:
        return self.settings.runtime.data_dir

    @property
    def keys_dir(self) -> Path:
        """The folder of the keys with which models are signed and verified."""
        return self.settings.runtime.keys_dir or self.data_dir / "keys"

    async def start(self) -> None:
        await self.cache.start()
        await self.objects.start()
        await self.event_log.start()
        await self.event_log.create_topics(topic_configs(DEFAULT_TENANT))
        await self.codec.prepare([DEFAULT_TENANT])
        await self.audit.start()

    async def stop(self) -> None:
        """Closes everything that was opened through the platform."""
        await self.audit.stop()
        for client in self._clients.values():
            await client.close()
        for database in self._databases.values():
            await database.stop()
        await self.codec.close()
        await self.event_log.stop()
        await self.objects.stop()
        await self.cache.stop()
        self.telemetry.stop()

    def register(self, name: str, app: FastAPI) -> None:
        """From now on calls to this service stay in the process."""
        self._apps[name] = app

    def require_addresses(self) -> None:
        """Raises `SettingsError` when a service that is called is neither here nor has an address."""
        for service in sorted({"auth", *(client.name for client in self._clients.values())}):
            self._locate(service)

    def client(self, service: str) -> ServiceClient:
        """The client of a service, with the token of this process."""
        if service not in self._clients:
            self._clients[service] = ServiceClient(
                service,
                lambda: self._locate(service),
                tokens=self.tokens,
                timeout_seconds=self.settings.http.timeout_seconds,
                telemetry=self.telemetry,
            )
        return self._clients[service]

    def database(
        self, service: str, migrations: str | None = None, tables: MetaData | None = None
    ) -> Database:
        """The database of a service, to be listed first among its components."""
        if service not in self._databases:
            settings = self.settings.database
            url = settings.url_for(service, self.data_dir)
            self._databases[service] = Database(
                url, service, migrations=migrations, tables=tables, pool_size=settings.pool_size
            )
        return self._databases[service]

    def metrics(self, service: str) -> Metrics:
        if service not in self._metrics:
            self._metrics[service] = Metrics(service, counts_requests=self._edge in (None, service))
        return self._metrics[service]

    def registries(self) -> list[CollectorRegistry]:
        """What /metrics shows: every service of this process."""
        return [*(metrics.registry for metrics in self._metrics.values()), SECURITY_REGISTRY]

    def health(self, *names: str, database: Database | None = None) -> Health:
        """The checks of a service: any of `kafka`, `redis`, `objects`, and its database."""
        health = Health(self.version)
        known: dict[str, Callable[[], Any]] = {
            "kafka": self.event_log.check,
            "redis": self.cache.check,
            "objects": self.objects.check,
        }
        if database is not None:
            health.add("database", database.check)
            if not database.is_sqlite:
                health.add("row_security", database.check_rows, decides_readiness=False)
        for name in names:
            health.add(name, known[name])
        return health

    def app(self, service: str, health: Health, **options: Any) -> FastAPI:
        """`create_app` with what the platform knows; options as there."""
        options.setdefault("max_body_bytes", self.settings.http.max_body_bytes)
        options.setdefault("expose_metrics", self.settings.telemetry.prometheus)
        options.setdefault("audit", CallAudit(service, self.audit.note))
        return create_app(
            service,
            self.version,
            metrics=self.metrics(service),
            health=health,
            verifier=self.verifier,
            telemetry=self.telemetry,
            registries=self.registries,
            **options,
        )

    def address(self, service: str) -> str | None:
        """Where a service is reached over HTTP; None when it is in this process."""
        target = self._locate(service)
        return None if target.app else target.base_url

    def service_key(self) -> str | None:
        """The key with which services log in: of the settings, else the file that auth wrote here."""
        if self.settings.tokens.service_key is not None:
            return self.settings.tokens.service_key.get_secret_value()
        file = self.data_dir / SERVICE_KEY_FILE
        return file.read_text().strip() if file.is_file() else None

    def _locate(self, service: str) -> Target:
        if service in self._apps:
            return Target(app=self._apps[service])
        return Target(base_url=self.settings.services.url_for(service))

    async def _fetch_keys(self) -> dict[str, Any]:
        keys: dict[str, Any] = (await self.anonymous_client("auth").get(JWKS_PATH)).json()
        return keys

    async def _request_token(self, form: dict[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.anonymous_client("auth").post(LOGIN_PATH, data=form)).json()
        return answer

    def anonymous_client(self, service: str) -> ServiceClient:
        """A client that adds no token: for getting one, and for passing on that of a caller."""
        key = f"{service} without a token"
        if key not in self._clients:
            self._clients[key] = ServiceClient(
                service, lambda: self._locate(service), retries=LOGIN_RETRIES, telemetry=self.telemetry
            )
        return self._clients[key]


def create_platform(
    settings: PlatformSettings,
    *,
    name: str = "anomaly_detection",
    version: str = VERSION,
    edge: str | None = None,
) -> Platform:
    """Chooses each adapter by whether its address is set; any mix is allowed."""
    # Before anything below it is made, or the folder of all records would be open to every user of the machine.
    settings.runtime.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    redis = settings.cache.url
    platform = Platform(
        settings,
        name=name,
        version=version,
        # The log asks for tokens when it connects, and the platform is there by then.
        event_log=_event_log(settings, lambda: platform.tokens),
        cache=RedisCache(redis.get_secret_value()) if redis else MemoryCache(),
        objects=ObjectStore(settings.objects.url_for(settings.runtime.data_dir)),
        edge=edge,
    )
    return platform


@asynccontextmanager
async def open_platform(
    settings: PlatformSettings,
    *,
    name: str = "anomaly_detection",
    version: str = VERSION,
    edge: str | None = None,
) -> AsyncIterator[Platform]:
    """The platform, started, and stopped at the end."""
    platform = create_platform(settings, name=name, version=version, edge=edge)
    try:
        await platform.start()
        yield platform
    finally:
        await platform.stop()


def _event_log(settings: PlatformSettings, tokens: Callable[[], TokenSource]) -> EventLog:
    """Imported here, so that neither side needs the libraries of the other."""
    kafka = settings.event_log
    if kafka.bootstrap_servers:
        from ad_chassis.eventlog.kafka import KafkaLog
        from ad_chassis.eventlog.kafka_security import client_options

        return KafkaLog(
            kafka.bootstrap_servers,
            session_timeout_ms=round(kafka.session_seconds * 1000),
            instance_id=kafka.instance_id,
            security=client_options(kafka, tokens),
        )
    from ad_chassis.eventlog.embedded import EmbeddedLog

    return EmbeddedLog(settings.runtime.data_dir / "eventlog.sqlite")
