"""The wiring of the registry."""

from functools import partial

from ad_chassis.database.outbox import Outbox
from ad_chassis.platform import Platform
from ad_chassis.service import Service
from ad_chassis.tenants.holdings import Holdings
from ad_chassis.tenants.routes import tenant_routes
from ad_detectors.artifact.keyring import KeyRing
from ad_model_registry.adapters import tables
from ad_model_registry.adapters.artifact_reader import SignedArtifacts
from ad_model_registry.adapters.events import EventWriter
from ad_model_registry.adapters.sql_registry import SqlRegistry
from ad_model_registry.adapters.stream_directory import HttpStreamDirectory
from ad_model_registry.api import deployments, models
from ad_model_registry.settings import RegistrySettings
from ad_model_registry.usecases.erase_tenant import erase_tenant

MIGRATIONS = "ad_model_registry.migrations"


def build(platform: Platform, settings: RegistrySettings | None = None) -> Service:
    settings = settings or RegistrySettings.load()
    database = platform.database(tables.SERVICE, MIGRATIONS, tables.metadata)
    outbox = Outbox(database, platform.event_log, tables.outbox)
    registry = SqlRegistry(database, outbox, EventWriter(platform.codec))
    reader = SignedArtifacts(KeyRing(platform.keys_dir).trusted, settings.max_artifact_bytes)
    app = platform.app(
        tables.SERVICE,
        platform.health("kafka", "objects", database=database),
        max_body_bytes=settings.max_artifact_bytes,
    )
    app.include_router(models.routes(registry, platform.objects, reader))
    app.include_router(deployments.routes(registry, HttpStreamDirectory(platform.client("ingestion"))))
    holdings = Holdings(database, tables.metadata, platform.objects, ["artifacts"])
    erase = partial(erase_tenant, registry, holdings.erase)
    app.include_router(tenant_routes(tables.SERVICE, holdings, platform.tenants.is_suspended, erase))
    return Service(tables.SERVICE, app, [database, platform.tenants, outbox])
