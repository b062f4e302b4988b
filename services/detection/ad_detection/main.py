"""The wiring of detection."""

import time
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import uuid4

from fastapi import APIRouter

from ad_chassis.eventlog.port import Message, Record, TopicPartition
from ad_chassis.eventlog.runloop import RunLoop, RunLoopSettings
from ad_chassis.platform import Platform
from ad_chassis.service import Service
from ad_contracts.topics import topic
from ad_detection.adapters.challenger_models import ChallengerModels
from ad_detection.adapters.control_view import ControlView
from ad_detection.adapters.lake_range import LakeRange
from ad_detection.adapters.log_range import LogRange
from ad_detection.adapters.log_scores import LogScores
from ad_detection.adapters.model_registry import RegistryModels
from ad_detection.adapters.object_findings import ObjectFindings
from ad_detection.adapters.outputs import OutputWriter
from ad_detection.adapters.sql_anomalies import SqlAnomalies
from ad_detection.adapters.sql_comparisons import SqlComparisons
from ad_detection.adapters.sql_replays import SqlReplays
from ad_detection.adapters.warm_up import WarmUp
from ad_detection.api.comparison_writer import ComparisonWriter
from ad_detection.api.comparisons import comparison_routes
from ad_detection.api.consumers import AnomalyHandler, RecordHandler
from ad_detection.api.replay_runner import ReplayRunner
from ad_detection.api.replays import replay_routes
from ad_detection.api.routes import routes
from ad_detection.domain.control import Control
from ad_detection.settings import DetectionSettings
from ad_detection.usecases.keep_comparisons import ComparisonKeeper
from ad_detection.usecases.run_replay import Tools
from ad_detectors.artifact.keyring import KeyRing

NAME = "detection"
MIGRATIONS = "ad_detection.migrations"
DEFAULT_TENANT = "default"
STORE_EVERY_SECONDS = 0.05
COMMIT_EVERY_SECONDS = 0.5


def clock_ms() -> int:
    return time.time_ns() // 1_000_000


def build(platform: Platform, settings: DetectionSettings | None = None) -> Service:
    settings = settings or DetectionSettings.load()
    log, metrics = platform.event_log, platform.metrics(NAME)
    database = platform.database(NAME, MIGRATIONS)
    store = SqlAnomalies(database)
    view = ControlView(log, platform.codec)
    trusted = KeyRing(platform.keys_dir).trusted
    models = RegistryModels(platform.client("model_registry"), trusted, settings.cached_models)
    writer, warm_up = OutputWriter(platform.codec), WarmUp()
    challengers, comparisons = ChallengerModels(models), SqlComparisons(database)
    keeper = ComparisonKeeper(comparisons, str(uuid4()), clock_ms)

    def dead_letter(source: TopicPartition, record: Record, reason: str) -> Message:
        return writer.dead_letter(source, record, reason, tenant=tenant_of(source.topic), now_ms=clock_ms())

    scoring = RunLoop(
        log,
        settings.group,
        data_topics(view.control),
        RecordHandler(
            log,
            view,
            models,
            challengers,
            keeper,
            warm_up,
            platform.objects,
            writer,
            settings,
            clock_ms,
            metrics,
            platform.telemetry,
        ),
        scoring_settings(settings),
        dead_letter=dead_letter,
        observer=metrics.loop,
    )
    storing = RunLoop(
        log,
        f"{settings.group}-store",
        anomaly_topics(view.control),
        AnomalyHandler(store, platform.codec),
        RunLoopSettings(linger_seconds=STORE_EVERY_SECONDS),
        dead_letter=dead_letter,
        observer=metrics.loop,
    )
    replaying, replay_router = replays(platform, view, models, warm_up, settings)
    view.on_change(following(scoring, storing))
    health = platform.health("kafka", "objects", database=database)
    health.add("control", view.check)
    health.add("scoring", scoring.check)
    health.add("storing", storing.check)
    health.add("replays", replaying.check)
    app = platform.app(NAME, health)
    app.include_router(routes(store, LogScores(log), models, warm_up))
    app.include_router(replay_router)
    app.include_router(comparison_routes(comparisons, view, clock_ms))
    counting = ComparisonWriter(keeper)
    return Service(NAME, app, [database, warm_up, view, challengers, counting, scoring, storing, replaying])


def scoring_settings(settings: DetectionSettings) -> RunLoopSettings:
    return RunLoopSettings(
        delivery=settings.delivery,
        max_poll_records=settings.max_poll_records,
        commit_every_seconds=COMMIT_EVERY_SECONDS,
    )


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
) -> tuple[ReplayRunner, APIRouter]:
    """The queue of replays, and its routes."""
    store, findings = SqlReplays(platform.database(NAME)), ObjectFindings(platform.objects)
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
    )
    runner = ReplayRunner(store, lambda run: tools(run=run), clock_ms)
    return runner, replay_routes(store, findings, runner)


def tenant_of(topic_name: str) -> str:
    """The tenant of a topic that is named after one."""
    return topic_name.split(".")[1]


def data_topics(control: Control) -> set[str]:
    tenants = control.tenants() | {DEFAULT_TENANT}
    return control.topics() | {topic("records", tenant) for tenant in tenants}


def anomaly_topics(control: Control) -> set[str]:
    tenants = control.tenants() | {DEFAULT_TENANT}
    return {topic("anomalies", tenant) for tenant in tenants}
