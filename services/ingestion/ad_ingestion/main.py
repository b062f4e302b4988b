"""The wiring of ingestion."""

import time
from functools import partial

from ad_chassis.database import EVERY_TENANT
from ad_chassis.database.outbox import Outbox
from ad_chassis.eventlog.runloop import RunLoop
from ad_chassis.http.json_shape import JsonLimits
from ad_chassis.platform import Platform
from ad_chassis.service import Component, Service
from ad_chassis.tenants import RecordRates
from ad_chassis.tenants.holdings import Holdings
from ad_chassis.tenants.routes import tenant_routes
from ad_contracts.topics import topic
from ad_ingestion.adapters import tables
from ad_ingestion.adapters.events import EventWriter
from ad_ingestion.adapters.periodic import Periodic
from ad_ingestion.adapters.processes import HostProcesses, this_process
from ad_ingestion.adapters.record_log import LogRecords
from ad_ingestion.adapters.registry_deployments import RegistryDeployments
from ad_ingestion.adapters.sql_store import SqlStore
from ad_ingestion.adapters.tenants import Tenants
from ad_ingestion.api import records, rejected, streams
from ad_ingestion.api.consumers import DeadLetterHandler
from ad_ingestion.settings import IngestionSettings
from ad_ingestion.usecases.accept_records import RECEIPT_MS, Limits, RecordAcceptor
from ad_ingestion.usecases.check_quotas import Gate
from ad_ingestion.usecases.compact_lake import compact_lake, remove_replaced
from ad_ingestion.usecases.erase_tenant import erase_tenant
from ad_ingestion.usecases.publish_batches import FLUSH_SECONDS, BatchPublisher
from ad_ingestion.usecases.purge_dead_letters import forget_old
from ad_ingestion.usecases.replay_dead_letters import LetterReplayer

MIGRATIONS = "ad_ingestion.migrations"
GROUP = "ingestion-rejected"
DEFAULT_TENANT = "default"
LOOK_SECONDS = 30.0
"""Topics of others may grow or go; so often it is looked whether one did."""


def build(platform: Platform, settings: IngestionSettings | None = None) -> Service:
    settings = settings or IngestionSettings.load()
    database = platform.database(tables.SERVICE, MIGRATIONS, tables.metadata)
    metrics = platform.metrics(tables.SERVICE)
    outbox = Outbox(database, platform.event_log, tables.outbox)
    store, lake = SqlStore(database, outbox, EventWriter(platform.codec)), platform.objects
    log = LogRecords(platform.event_log, platform.codec)
    publisher = BatchPublisher(store, lake, log, HostProcesses(), this_process(), settings.publish_seconds)
    limits = Limits(settings.max_rows, settings.max_inflated_bytes)
    gate = Gate(platform.tenants, RecordRates(platform.cache), store)
    acceptor = RecordAcceptor(store, lake, log, publisher, limits, gate)
    storing = RunLoop(
        platform.event_log,
        GROUP,
        [topic("rejected", DEFAULT_TENANT)],
        DeadLetterHandler(store, platform.codec),
        observer=metrics.loop,
    )

    async def tidy() -> None:
        async with store.transaction(EVERY_TENANT) as work:
            await work.forget_receipts(time.time_ns() // 1_000_000 - RECEIPT_MS)
        await forget_old(store, settings.keep_dead_letters_days, time.time_ns() // 1_000_000)
        await compact_lake(store, lake)
        await remove_replaced(store, lake, settings.keep_replaced_seconds)

    publishing = Periodic(
        "publish what waits", publisher.catch_up, FLUSH_SECONDS, first=True, last=publisher.flush
    )
    health = platform.health("kafka", "objects", database=database)
    health.add("rejected", storing.check)
    health.add("tenants", platform.tenants.check)
    app = platform.app(tables.SERVICE, health, json_limits=JsonLimits(of_records=True))
    tenants = Tenants(store, log, storing)
    deployments = RegistryDeployments(platform.client("model_registry"))
    app.include_router(streams.routes(store, lake, log, tenants, platform.tenants, deployments))
    app.include_router(records.routes(store, lake, acceptor))
    app.include_router(rejected.routes(store, LetterReplayer(store, log, acceptor)))
    holdings = Holdings(database, tables.metadata, lake, ["lake"])
    erase = partial(erase_tenant, store, log, tenants, holdings.erase)
    app.include_router(tenant_routes(tables.SERVICE, holdings, platform.tenants.is_suspended, erase))
    components: list[Component] = [
        database,
        platform.tenants,
        outbox,
        publishing,
        storing,
        tenants,
        Periodic("look at the topics", log.sizes, LOOK_SECONDS),
        Periodic("tidy the lake", tidy, settings.compact_every_seconds),
    ]
    return Service(tables.SERVICE, app, components)
