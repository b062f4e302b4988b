"""The wiring of detection."""

import time

from ad_chassis.eventlog.port import Message, Record, TopicPartition
from ad_chassis.eventlog.runloop import RunLoop, RunLoopSettings
from ad_chassis.platform import Platform
from ad_chassis.service import Service
from ad_contracts.topics import topic
from ad_detection.adapters.control_view import ControlView
from ad_detection.adapters.log_scores import LogScores
from ad_detection.adapters.model_registry import RegistryModels
from ad_detection.adapters.outputs import OutputWriter
from ad_detection.adapters.sql_anomalies import SqlAnomalies
from ad_detection.adapters.warm_up import WarmUp
from ad_detection.api.consumers import AnomalyHandler, RecordHandler
from ad_detection.api.routes import routes
from ad_detection.domain.control import Control
from ad_detection.settings import DetectionSettings
from ad_detectors.artifact.keyring import KeyRing

NAME = "detection"
MIGRATIONS = "ad_detection.migrations"
DEFAULT_TENANT = "default"
STORE_EVERY_SECONDS = 0.05


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
            warm_up,
            platform.objects,
            writer,
            settings,
            clock_ms,
            metrics,
            platform.telemetry,
        ),
        RunLoopSettings(delivery=settings.delivery, max_poll_records=settings.max_poll_records),
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

    async def follow(control: Control) -> None:
        await scoring.subscribe(data_topics(control))
        await storing.subscribe(anomaly_topics(control))

    view.on_change(follow)
    health = platform.health("kafka", "objects", database=database)
    health.add("control", view.check)
    health.add("scoring", scoring.check)
    health.add("storing", storing.check)
    app = platform.app(NAME, health)
    app.include_router(routes(store, LogScores(log), models, warm_up))
    return Service(NAME, app, [database, warm_up, view, scoring, storing])


def tenant_of(topic_name: str) -> str:
    """The tenant of a topic that is named after one."""
    return topic_name.split(".")[1]


def data_topics(control: Control) -> set[str]:
    tenants = control.tenants() | {DEFAULT_TENANT}
    return control.topics() | {topic("records", tenant) for tenant in tenants}


def anomaly_topics(control: Control) -> set[str]:
    tenants = control.tenants() | {DEFAULT_TENANT}
    return {topic("anomalies", tenant) for tenant in tenants}
