"""The wiring of training."""

from functools import partial

from ad_chassis.database.outbox import Outbox
from ad_chassis.eventlog.runloop import RunLoop
from ad_chassis.platform import Platform
from ad_chassis.service import Service
from ad_chassis.tenants.holdings import Holdings
from ad_chassis.tenants.routes import tenant_routes
from ad_contracts.topics import topic
from ad_training.adapters import tables
from ad_training.adapters.events import EventWriter
from ad_training.adapters.ingestion import IngestionStreams
from ad_training.adapters.model_registry import RegistryModels
from ad_training.adapters.object_uploads import ObjectUploads
from ad_training.adapters.process_trainer import ProcessTrainer
from ad_training.adapters.sql_jobs import SqlJobs
from ad_training.adapters.temporary_folders import TemporaryFolders
from ad_training.api.consumers import RequestHandler
from ad_training.api.routes import routes
from ad_training.api.runner import JobRunner
from ad_training.domain.requests import Limits
from ad_training.settings import TrainingSettings
from ad_training.usecases.run_job import Tools
from ad_training.usecases.submit_job import submit_job

MIGRATIONS = "ad_training.migrations"


def build(platform: Platform, settings: TrainingSettings | None = None) -> Service:
    settings = settings or TrainingSettings.load()
    name, observer = tables.SERVICE, platform.metrics(tables.SERVICE).loop
    database = platform.database(name, MIGRATIONS, tables.metadata)
    outbox = Outbox(database, platform.event_log, tables.outbox)
    jobs = SqlJobs(database, outbox, EventWriter(platform.codec))
    streams = IngestionStreams(platform.client("ingestion"), settings.max_data_bytes)
    uploads = ObjectUploads(platform.objects)
    tools = Tools(
        jobs=jobs,
        streams=streams,
        uploads=uploads,
        trainer=ProcessTrainer(platform.keys_dir),
        models=RegistryModels(platform.client("model_registry")),
        workspace=TemporaryFolders(),
    )
    runner = JobRunner(tools, settings)
    submit = partial(submit_job, jobs, streams, uploads, runner, limits_of(settings), platform.tenants)
    requests = RunLoop(
        platform.event_log,
        settings.group,
        [topic("training.requests")],
        RequestHandler(jobs, submit, platform.codec, observer),
        observer=observer,
    )
    health = platform.health("kafka", "objects", database=database)
    health.add("requests", requests.check)
    health.add("tenants", platform.tenants.check)
    health.add("jobs", runner.check)
    app = platform.app(name, health)
    app.include_router(routes(jobs, uploads, runner, submit))
    holdings = Holdings(database, tables.metadata, platform.objects, ["training"])
    app.include_router(tenant_routes(name, holdings, platform.tenants.is_suspended, holdings.erase))
    return Service(name, app, [database, platform.tenants, outbox, runner, requests])


def limits_of(settings: TrainingSettings) -> Limits:
    return Limits(
        time_limit_seconds=settings.time_limit_seconds,
        max_time_limit_seconds=settings.max_time_limit_seconds,
        memory_limit_mb=settings.memory_limit_mb,
        max_memory_limit_mb=settings.max_memory_limit_mb,
    )
