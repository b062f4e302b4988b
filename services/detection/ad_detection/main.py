"""The wiring of detection."""

import time
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import uuid4

from fastapi import APIRouter

from ad_chassis.eventlog.port import Message, Record, TopicPartition
from ad_chassis.eventlog.runloop import DeadLetter, RunLoop, RunLoopSettings
from ad_chassis.platform import Platform
from ad_chassis.service import Component, Service
from ad_chassis.tenants.holdings import Holdings
from ad_chassis.tenants.routes import tenant_routes
from ad_contracts.topics import topic
from ad_detection.adapters import tables
from ad_detection.adapters.challenger_models import ChallengerModels
from ad_detection.adapters.control_view import ControlView
from ad_detection.adapters.lake_range import LakeRange
from ad_detection.adapters.log_range import LogRange
from ad_detection.adapters.log_scores import LogScores
from ad_detection.adapters.model_registry import RegistryModels
from ad_detection.adapters.object_findings import ObjectFindings
from ad_detection.adapters.outputs import OutputWriter
from ad_detection.adapters.spill_files import SpillFiles
from ad_detection.adapters.sql_anomalies import SqlAnomalies
from ad_detection.adapters.sql_comparisons import SqlComparisons
from ad_detection.adapters.sql_entity_lists import SqlEntityLists
from ad_detection.adapters.sql_episodes import SqlEpisodes
from ad_detection.adapters.sql_generations import SqlGenerations
from ad_detection.adapters.sql_loads import SqlLoads
from ad_detection.adapters.sql_replays import SqlReplays
from ad_detection.adapters.this_process import ThisProcess
from ad_detection.adapters.warm_up import WarmUp
from ad_detection.api.anomalies import anomaly_routes
from ad_detection.api.comparisons import comparison_routes
from ad_detection.api.consumers import AnomalyHandler, RecordHandler
from ad_detection.api.entities import entity_routes
from ad_detection.api.episodes import episode_routes
from ad_detection.api.keeper_writer import KeeperWriter
from ad_detection.api.partitions import partition_routes
from ad_detection.api.replay_publisher import ReplayPublisher
from ad_detection.api.replay_runner import ReplayRunner
from ad_detection.api.replays import replay_routes
from ad_detection.api.routes import routes
from ad_detection.api.ticker import Ticker
from ad_detection.api.watchers import Counting, Keeping, Ticking, Watcher
from ad_detection.domain.control import Control
from ad_detection.domain.memory import Memory
from ad_detection.settings import DetectionSettings
from ad_detection.usecases.erase_tenant import erase_tenant
from ad_detection.usecases.keep_comparisons import ComparisonKeeper
from ad_detection.usecases.keep_generations import GenerationKeeper
from ad_detection.usecases.keep_lists import ListKeeper
from ad_detection.usecases.keep_loads import LoadKeeper
from ad_detection.usecases.keep_ticking import Ticks
from ad_detection.usecases.publish_replay import PublishTools
from ad_detection.usecases.run_replay import Tools
from ad_detection.usecases.save_together import JointSaving
from ad_detectors.artifact.keyring import KeyRing

NAME = "detection"
MIGRATIONS = "ad_detection.migrations"
DEFAULT_TENANT = "default"
STORE_EVERY_SECONDS = 0.05
COMMIT_EVERY_SECONDS = 0.5
DELETED_WITHIN_SECONDS = 0.25
"""So soon, what is of a deleted stream is listed no more."""
MEGABYTE = 1_000_000
LIVE_SHARE, REPLAY_SHARE = 0.9, 0.8
"""The rest is for batches in hand; a replay stops growing before what is live has to give way."""


def clock_ms() -> int:
    return time.time_ns() // 1_000_000


def build(platform: Platform, settings: DetectionSettings | None = None) -> Service:
    settings = settings or DetectionSettings.load()
    log, metrics = platform.event_log, platform.metrics(NAME)
    database = platform.database(NAME, MIGRATIONS, tables.metadata)
    store = SqlAnomalies(database)
    view = ControlView(log, platform.codec)
    trusted = KeyRing(platform.keys_dir).trusted
    models = RegistryModels(platform.client("model_registry"), trusted, settings.cached_models)
    writer, warm_up = OutputWriter(platform.codec), WarmUp()
    challengers = ChallengerModels(models)
    comparisons, loads, entity_lists = SqlComparisons(database), SqlLoads(database), SqlEntityLists(database)
    keepers, ticks = keepers_of(comparisons, loads, entity_lists), Ticks()

    dead_letter = dead_letters(writer)
    keeping = Keeping(view, *keepers)
    view.on_gone(keeping.gone)
    watchers: list[Watcher] = [Counting(metrics, view), keeping, Ticking(ticks)]
    handler = RecordHandler(
        log,
        view,
        models,
        challengers,
        warm_up,
        platform.objects,
        writer,
        settings,
        clock_ms,
        metrics,
        platform.telemetry,
        watchers,
        memory_of(platform, settings, LIVE_SHARE),
    )
    scoring = scoring_loop(platform, settings, handler, view, dead_letter)
    anomalies = AnomalyHandler(JointSaving(store.save), platform.codec)
    storing = storing_loop(platform, settings, anomalies, view, dead_letter)
    replaying, publishing, replay_router = replays(platform, view, models, warm_up, settings)
    view.on_change(following(scoring, storing))
    health = platform.health("kafka", "objects", database=database)
    checks = {"control": view.check, "scoring": scoring.check, "storing": storing.check}
    for name, check in (checks | {"replays": replaying.check}).items():
        health.add(name, check)
    app = platform.app(NAME, health)
    for router in (
        routes(LogScores(log), models, warm_up, view),
        anomaly_routes(store, view),
        episode_routes(SqlEpisodes(database), view),
        replay_router,
        comparison_routes(comparisons, view, clock_ms),
        partition_routes(loads, view, clock_ms),
        entity_routes(entity_lists, view),
        held_of_tenants(platform),
    ):
        app.include_router(router)
    running: list[Component] = [database, platform.tenants, warm_up, view, challengers]
    running += [KeeperWriter(each) for each in keepers]
    generations = GenerationKeeper(SqlGenerations(database), view)
    running += [KeeperWriter(generations, every_seconds=DELETED_WITHIN_SECONDS)]
    return Service(
        NAME, app, [*running, Ticker(log, ticks, clock_ms), scoring, storing, replaying, publishing]
    )


def held_of_tenants(platform: Platform) -> APIRouter:
    """What is handed out of a tenant, and taken away."""
    holdings = Holdings(platform.database(NAME), tables.metadata, platform.objects, ["replays"])
    erase = partial(erase_tenant, platform.objects, holdings.erase)
    return tenant_routes(NAME, holdings, platform.tenants.is_suspended, erase)


def keepers_of(
    comparisons: SqlComparisons, loads: SqlLoads, lists: SqlEntityLists
) -> tuple[ComparisonKeeper, LoadKeeper, ListKeeper]:
    """What this worker notes beside the transactions."""
    worker = str(uuid4())
    return (
        ComparisonKeeper(comparisons, worker, clock_ms),
        LoadKeeper(loads, worker, clock_ms),
        ListKeeper(lists, clock_ms),
    )


def dead_letters(writer: OutputWriter) -> DeadLetter:
    def dead_letter(source: TopicPartition, record: Record, reason: str) -> Message:
        return writer.dead_letter(source, record, reason, tenant=tenant_of(source.topic), now_ms=clock_ms())

    return dead_letter


def scoring_loop(
    platform: Platform,
    settings: DetectionSettings,
    handler: RecordHandler,
    view: ControlView,
    dead_letter: DeadLetter,
) -> RunLoop:
    return RunLoop(
        platform.event_log,
        settings.group,
        data_topics(view.control),
        handler,
        scoring_settings(settings),
        dead_letter=dead_letter,
        observer=platform.metrics(NAME).loop,
    )


def storing_loop(
    platform: Platform,
    settings: DetectionSettings,
    handler: AnomalyHandler,
    view: ControlView,
    dead_letter: DeadLetter,
) -> RunLoop:
    return RunLoop(
        platform.event_log,
        f"{settings.group}-store",
        anomaly_topics(view.control),
        handler,
        RunLoopSettings(linger_seconds=STORE_EVERY_SECONDS),
        dead_letter=dead_letter,
        observer=platform.metrics(NAME).loop,
    )


def scoring_settings(settings: DetectionSettings) -> RunLoopSettings:
    return RunLoopSettings(
        delivery=settings.delivery,
        max_poll_records=settings.max_poll_records,
        commit_every_seconds=COMMIT_EVERY_SECONDS,
    )


def memory_of(platform: Platform, settings: DetectionSettings, share: float) -> Memory | None:
    """Entities may fill the process up to this share of its limit; files of the others lie in the data folder."""
    if settings.memory_mb is None:
        return None
    files = SpillFiles(platform.data_dir / "spilled")
    return Memory(round(settings.memory_mb * MEGABYTE * share), files.open, ThisProcess())


def following(scoring: RunLoop, storing: RunLoop) -> Callable[[Control], Awaitable[None]]:
    """Keeps the loops on the topics of the streams that there are."""

    async def follow(control: Control) -> None:
        await scoring.subscribe(data_topics(control))
        await storing.subscribe(anomaly_topics(control))

    return follow


def replays(
    platform: Platform,
    view: ControlView,
    models: RegistryModels,
    warm_up: WarmUp,
    settings: DetectionSettings,
) -> tuple[ReplayRunner, ReplayPublisher, APIRouter]:
    """The queue of replays, what publishes them, and their routes."""
    database = platform.database(NAME)
    store, findings = SqlReplays(database), ObjectFindings(platform.objects)
    tools = partial(
        Tools,
        view=view,
        models=models,
        detectors=warm_up,
        sources={
            "lake": LakeRange(lambda: platform.client("ingestion"), clock_ms),
            "log": LogRange(platform.event_log, view),
        },
        findings=findings,
        clock_ms=clock_ms,
        max_rows=settings.replay_max_rows,
        memory=memory_of(platform, settings, REPLAY_SHARE),
    )
    runner = ReplayRunner(store, lambda run: tools(run=run), clock_ms)
    encoder, send = OutputWriter(platform.codec), platform.event_log.publish
    publishing = PublishTools(findings, SqlAnomalies(database), encoder, send, clock_ms)
    publisher = ReplayPublisher(store, publishing, clock_ms)
    return runner, publisher, replay_routes(store, findings, runner, publisher)


def tenant_of(topic_name: str) -> str:
    """The tenant of a topic that is named after one."""
    return topic_name.split(".")[1]


def data_topics(control: Control) -> set[str]:
    tenants = control.tenants() | {DEFAULT_TENANT}
    return control.topics() | {topic("records", tenant) for tenant in tenants}


def anomaly_topics(control: Control) -> set[str]:
    tenants = control.tenants() | {DEFAULT_TENANT}
    return {topic("anomalies", tenant) for tenant in tenants}
