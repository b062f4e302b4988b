"""What comes in over the log: records to score, and anomalies to store."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ad_chassis.eventlog.errors import Poison, Transient
from ad_chassis.eventlog.handler import Outcome
from ad_chassis.eventlog.port import Batch, Committed, EventLog, Record, TopicPartition
from ad_chassis.metrics import Metrics
from ad_chassis.telemetry import Telemetry, current_traceparent
from ad_contracts.codec import Codec
from ad_contracts.errors import DecodeError
from ad_contracts.events import AnomalyDetected, RecordRejected
from ad_detection.domain.control import Control
from ad_detection.domain.grouping import streams_named
from ad_detection.domain.results import Results
from ad_detection.ports import (
    AnomalyStore,
    ChallengerSource,
    ControlSource,
    ModelSource,
    OutputEncoder,
    Readiness,
    SnapshotStore,
)
from ad_detection.settings import DetectionSettings
from ad_detection.usecases.keep_comparisons import ComparisonKeeper
from ad_detection.usecases.score_partition import PartitionScorer

FEW_TOLD = 20
"""So many messages are encoded sooner than another thread begins with them."""


@dataclass(frozen=True, slots=True)
class DataPartition:
    """A partition of a data topic, and whose records stand in it."""

    tenant: str
    topic: str
    partition: int


class RecordHandler:
    """Scores the records of the partitions that this worker owns."""

    def __init__(
        self,
        event_log: EventLog,
        view: ControlSource,
        models: ModelSource,
        challengers: ChallengerSource,
        comparisons: ComparisonKeeper,
        detectors: Readiness,
        snapshots: SnapshotStore,
        writer: OutputEncoder,
        settings: DetectionSettings,
        clock_ms: Callable[[], int],
        metrics: Metrics,
        telemetry: Telemetry,
    ) -> None:
        self._log = event_log
        self._view = view
        self._models = models
        self._challengers = challengers
        self._comparisons = comparisons
        self._detectors = detectors
        self._snapshots = snapshots
        self._writer = writer
        self._settings = settings
        self._clock_ms = clock_ms
        self._metrics = metrics
        self._telemetry = telemetry
        self._scorers: dict[TopicPartition, PartitionScorer] = {}
        self._writing = asyncio.Lock()
        # Of threads that score at the same time, all but one wait for the interpreter, 5 ms at a time.
        self._thread = ThreadPoolExecutor(1, "scoring")

    async def _off_loop(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    async def on_assigned(self, source: TopicPartition, committed: Committed | None) -> None:
        scorer = self._new_scorer(source)
        if committed is not None:
            await scorer.restore(committed.offset, committed.metadata)
        self._scorers[source] = scorer

    async def on_revoked(self, source: TopicPartition) -> None:
        scorer = self._scorers.pop(source, None)
        for _, stream in scorer.rules if scorer is not None else ():
            self._metrics.entities.held.remove(stream, str(source.partition))

    async def handle(self, batch: Batch) -> Outcome:
        scorer = self._scorers[batch.source]
        control = await self._control_for(batch)
        with self._telemetry.span("score batch"):
            results, metadata = await scorer.score(batch.records, control)
            if results.told <= FEW_TOLD:
                outputs = self._writer.messages(results, current_traceparent())
            else:
                outputs = await self._off_loop(self._writer.messages, results, current_traceparent())
        self._count(results)
        self._count_entities(results, scorer, batch.source)
        return Outcome(outputs, metadata)

    async def _control_for(self, batch: Batch) -> Control:
        """Rules that know every stream of the batch, if it exists: the control topics may be read a little later."""
        control = self._view.control
        known = {stream for _, stream in control.on_topic(batch.source.topic)}
        named = streams_named(batch.records)
        nameless = None in named and not known
        return control if named - {None} <= known and not nameless else await self._view.caught_up()

    def _new_scorer(self, source: TopicPartition) -> PartitionScorer:
        async def replay(start: int, stop: int) -> AsyncIterator[Sequence[Record]]:
            async for batch in self._log.read(source, start, stop):
                yield batch.records

        place = DataPartition(self._tenant_of(source.topic), source.topic, source.partition)
        return PartitionScorer(
            place,
            self._models,
            self._challengers,
            self._detectors,
            self._snapshots,
            replay,
            folder=f"snapshots/{self._settings.group}",
            snapshot_every_records=self._settings.snapshot_every_records,
            clock_ms=self._clock_ms,
            writing=self._writing,
            run=self._off_loop,
        )

    def _tenant_of(self, topic: str) -> str:
        """`records.<tenant>…`, or the tenant whose stream is mapped to the topic."""
        owner = next((rule.tenant for rule in self._view.control.rules.values() if rule.topic == topic), None)
        return owner or topic.split(".")[1]

    def _known(self, rejected: RecordRejected) -> str:
        """Anybody can write any name into a header; only names of streams become labels."""
        key = (rejected.tenant, rejected.stream or "")
        return key[1] if key in self._view.control.rules else "unknown"

    def _count(self, results: Results) -> None:
        for anomaly in results.anomalies:
            self._metrics.anomalies.labels(anomaly.algorithm, anomaly.stream).inc()
        for (algorithm, stream), rows in results.rows.items():
            self._metrics.scored.labels(algorithm, stream).inc(rows)
        for rejected in results.rejected:
            self._metrics.rejected.labels("detection", self._known(rejected)).inc()
        for outcome, counted in (("scored", results.late), ("rejected", results.too_late)):
            for stream, rows in (+counted).items():
                self._metrics.entities.late.labels(stream, outcome).inc(rows)
        for (_, stream), challenger in results.failures:
            self._metrics.challenger_failures.labels(stream, challenger.reference).inc()
        self._comparisons.add(results.comparisons)

    def _count_entities(self, results: Results, scorer: PartitionScorer, source: TopicPartition) -> None:
        metrics = self._metrics.entities
        for stream in results.cold:
            held = scorer.entities_of(stream)
            if held is None:
                continue
            metrics.held.labels(stream, str(source.partition)).set(held)
            metrics.evicted.labels(stream).inc(results.evicted[stream])
            metrics.refused.labels(stream).inc(results.refused[stream])
            metrics.cold.labels(stream).inc(results.cold[stream])


class AnomalyHandler:
    """Brings `anomalies.*` into the database. The log has them first, so a slow database stops no scoring."""

    def __init__(self, store: AnomalyStore, codec: Codec) -> None:
        self._store = store
        self._codec = codec

    async def on_assigned(self, source: TopicPartition, committed: Committed | None) -> None:
        """Saving twice changes nothing, so there is no state to restore."""

    async def on_revoked(self, source: TopicPartition) -> None:
        """There is no state to give up."""

    async def handle(self, batch: Batch) -> Outcome:
        await self._codec.learn(record.value or b"" for record in batch.records)
        try:
            await self._store.save([self._decoded(record) for record in batch.records])
        except OSError as error:
            raise Transient(f"the database did not take the anomalies: {error}") from error
        return Outcome()

    def _decoded(self, record: Record) -> AnomalyDetected:
        try:
            event = self._codec.decode(record.value or b"")
        except DecodeError as error:
            raise Poison(record.offset, str(error)) from error
        if not isinstance(event, AnomalyDetected):
            raise Poison(record.offset, f"{event.schema} does not belong on this topic")
        return event
