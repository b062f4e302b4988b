"""The wiring of auth."""

from collections import Counter
from datetime import UTC, datetime
from functools import partial

from fastapi import APIRouter

from ad_auth.adapters import tables
from ad_auth.adapters.argon2_passwords import Argon2Passwords
from ad_auth.adapters.audit import AuditWriter
from ad_auth.adapters.breached_file import BreachedFile
from ad_auth.adapters.cached_attempts import CachedAttempts
from ad_auth.adapters.cached_devices import CachedDevices
from ad_auth.adapters.cached_pending_logins import CachedPendingLogins
from ad_auth.adapters.cached_revocations import CachedRevocations
from ad_auth.adapters.handed_out import SHOWN
from ad_auth.adapters.key_files import DataDirectory
from ad_auth.adapters.oidc_provider import OidcProvider
from ad_auth.adapters.signing import TokenSigner, make_signing_key
from ad_auth.adapters.sql_signing_keys import SqlSigningKeys
from ad_auth.adapters.sql_store import SqlStore
from ad_auth.adapters.tenant_events import TenantWriter
from ad_auth.api import (
    api_keys,
    audit,
    authorize,
    devices,
    introspection,
    metadata,
    roles,
    second_factors,
    tenants,
    tokens,
    users,
)
from ad_auth.api import external as external_login
from ad_auth.api.consumers import AuditHandler
from ad_auth.api.desk import Desk, External
from ad_auth.api.grant_problems import install_grant_problems
from ad_auth.api.upkeep import Upkeep
from ad_auth.domain.clients import address_of, known_clients
from ad_auth.domain.credentials import ENVIRONMENTS
from ad_auth.domain.external import RoleMap
from ad_auth.ports import Revocations, SigningKeys, Store
from ad_auth.settings import AuthSettings
from ad_auth.usecases.clean_up import clean_up
from ad_auth.usecases.erase_tenant import erase_tenant, is_suspended
from ad_auth.usecases.issue_token import Issuer
from ad_auth.usecases.prepare import SERVICE, prepare_administrator, prepare_service_key
from ad_auth.usecases.rotate_signing_key import rotate_signing_key
from ad_auth.usecases.tell_heads import AuditHeads
from ad_chassis.database import Database
from ad_chassis.database.outbox import Outbox
from ad_chassis.errors import SettingsError
from ad_chassis.eventlog.runloop import RunLoop, RunLoopSettings
from ad_chassis.platform import DEFAULT_TENANT, Platform
from ad_chassis.security.call_audit import CallAudit
from ad_chassis.service import Component, Service
from ad_chassis.settings import EventLogSettings
from ad_chassis.tenants.holdings import Holdings
from ad_chassis.tenants.routes import tenant_routes
from ad_contracts.topics import topic

MIGRATIONS = "ad_auth.migrations"
AUDIT_GROUP = "auth-audit"
AUDIT_EVERY_SECONDS = 0.5


def build(platform: Platform, settings: AuthSettings | None = None) -> Service:
    settings = settings or AuthSettings.load()
    check_event_log(platform.settings.event_log)
    of_tokens = platform.settings.tokens
    lifetimes = settings.lifetimes(of_tokens.access_minutes)
    database = platform.database(tables.SERVICE, MIGRATIONS, tables.metadata)
    outbox = Outbox(database, platform.event_log, tables.outbox)
    store = SqlStore(database, outbox, AuditWriter(platform.codec), TenantWriter(platform.codec))
    breached = BreachedFile(settings.breached_passwords) if settings.breached_passwords else None
    passwords = Argon2Passwords(settings, breached)
    revocations = CachedRevocations(platform.cache)
    keys = SqlSigningKeys(database)
    signer = TokenSigner(
        keys, issuer=of_tokens.issuer, audience=of_tokens.audience, access_lifetime=lifetimes.access
    )
    provider = _provider(settings)
    desk = Desk(
        store=store,
        passwords=passwords,
        attempts=CachedAttempts(
            platform.cache,
            most=settings.max_failures,
            window_seconds=settings.failure_window_seconds,
            most_per_address=settings.max_failures_per_address,
        ),
        issuer=Issuer(signer, lifetimes),
        revocations=revocations,
        verify=platform.verifier.verify,
        service_key=platform.service_key,
        key_set=signer.key_set,
        clients=known_clients(settings.public_url),
        devices=CachedDevices(platform.cache),
        issuer_url=address_of(of_tokens.issuer),
        public_url=settings.public_url,
        external=_external(platform, settings, provider),
    )
    health = platform.health("kafka", "redis", database=database)
    calls = CallAudit(tables.SERVICE, platform.audit.note, own=True)
    app = platform.app(tables.SERVICE, health, max_body_bytes=settings.max_body_bytes, audit=calls)
    install_grant_problems(app)
    for routes in (tokens, authorize, devices, external_login, introspection, metadata):
        app.include_router(routes.routes(desk))
    app.include_router(users.routes(store, passwords, revocations))
    app.include_router(second_factors.routes(store, passwords, desk.attempts))
    app.include_router(roles.routes(store, revocations))
    app.include_router(tenants.routes(store, revocations, ENVIRONMENTS[platform.settings.runtime.env]))
    app.include_router(api_keys.routes(store, revocations, ENVIRONMENTS[platform.settings.runtime.env]))
    app.include_router(audit.routes(store))
    app.include_router(_erasure(platform, database, store))
    upkeep = _upkeep(platform, settings, store, revocations, keys)
    components: list[Component] = [database, outbox, passwords, upkeep, _auditing(platform, store)]
    components += [provider] if provider else []
    return Service(tables.SERVICE, app, components)


def check_event_log(settings: EventLogSettings) -> None:
    """Auth starts when Kafka lets it in, and nobody gets a token before auth has started."""
    if settings.bootstrap_servers and settings.uses_sasl and settings.sasl_mechanism == "OAUTHBEARER":
        raise SettingsError(
            "KAFKA_SASL_MECHANISM: the process of auth cannot log in at Kafka with a token, as it gives them out "
            "itself; set SCRAM-SHA-512 or PLAIN there, with KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD"
        )


def _auditing(platform: Platform, store: Store) -> RunLoop:
    """Its failures make no login fail, so it is no part of health: the lag of its group is told as a metric."""
    return RunLoop(
        platform.event_log,
        AUDIT_GROUP,
        [topic("audit")],
        AuditHandler(store, platform.codec),
        RunLoopSettings(linger_seconds=AUDIT_EVERY_SECONDS, commit_every_seconds=AUDIT_EVERY_SECONDS),
        observer=platform.metrics(tables.SERVICE).loop,
    )


def _erasure(platform: Platform, database: Database, store: Store) -> APIRouter:
    """What is handed out of a tenant, and taken away."""
    holdings = Holdings(database, tables.metadata, platform.objects, columns=SHOWN)

    async def erase(tenant: str) -> Counter[str]:
        return await erase_tenant(store, holdings.erase, by=SERVICE, name=tenant, now=datetime.now(UTC))

    return tenant_routes(tables.SERVICE, holdings, partial(is_suspended, store), erase)


def _provider(settings: AuthSettings) -> OidcProvider | None:
    if settings.oidc_issuer is None or settings.oidc_client_secret is None:
        return None
    return OidcProvider(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id or "",
        client_secret=settings.oidc_client_secret.get_secret_value(),
        scopes=settings.oidc_scopes,
        redirect_uri=f"{settings.public_url}/api/v1/auth/external/callback",
    )


def _external(platform: Platform, settings: AuthSettings, provider: OidcProvider | None) -> External | None:
    if provider is None:
        return None
    return External(
        settings.oidc_name,
        provider,
        CachedPendingLogins(platform.cache),
        settings.oidc_tenant,
        RoleMap(settings.oidc_role_claim, settings.oidc_role_map),
    )


def _upkeep(
    platform: Platform, settings: AuthSettings, store: Store, revocations: Revocations, keys: SigningKeys
) -> Upkeep:
    files = DataDirectory(platform.data_dir)
    of_tokens = platform.settings.tokens

    async def prepare(now: datetime) -> None:
        given = of_tokens.service_key
        await prepare_service_key(files, given.get_secret_value() if given else None)
        environment = ENVIRONMENTS[platform.settings.runtime.env]
        await prepare_administrator(store, files, tenant=DEFAULT_TENANT, environment=environment, now=now)

    async def rotate(now: datetime) -> None:
        await rotate_signing_key(
            keys, make_signing_key, algorithm=of_tokens.algorithm, now=now, schedule=settings.key_schedule
        )

    async def clean(now: datetime) -> None:
        await clean_up(store, revocations, now=now)

    heads = AuditHeads(store)
    return Upkeep(prepare, [rotate, clean, heads.tell], settings.upkeep_seconds)
