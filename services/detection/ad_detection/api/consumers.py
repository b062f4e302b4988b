"""What comes in over the log: records to score, and anomalies to store."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from ad_chassis.errors import Unavailable
from ad_chassis.eventlog.errors import Poison, Transient
from ad_chassis.eventlog.handler import Outcome, Stateless
from ad_chassis.eventlog.port import Batch, Committed, EventLog, Message, Record, TopicPartition
from ad_chassis.metrics import Metrics
from ad_chassis.telemetry import Telemetry, current_traceparent
from ad_contracts.codec import Codec
from ad_contracts.errors import DecodeError
from ad_contracts.events import AnomalyDetected
from ad_contracts.headers import TICK
from ad_detection.api.watchers import Watcher
from ad_detection.domain.control import Control
from ad_detection.domain.grouping import streams_named
from ad_detection.domain.memory import Memory
from ad_detection.domain.results import Results
from ad_detection.ports import (
    ChallengerSource,
    ControlSource,
    ModelSource,
    OutputEncoder,
    Readiness,
    SnapshotStore,
)
from ad_detection.settings import DetectionSettings
from ad_detection.usecases.save_together import Save
from ad_detection.usecases.score_partition import PartitionScorer
from ad_detection.usecases.share_memory import share_memory

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
        detectors: Readiness,
        snapshots: SnapshotStore,
        writer: OutputEncoder,
        settings: DetectionSettings,
        clock_ms: Callable[[], int],
        metrics: Metrics,
        telemetry: Telemetry,
        watchers: Sequence[Watcher],
        memory: Memory | None = None,
    ) -> None:
        self._log = event_log
        self._view = view
        self._models = models
        self._challengers = challengers
        self._detectors = detectors
        self._snapshots = snapshots
        self._writer = writer
        self._settings = settings
        self._clock_ms = clock_ms
        self._metrics = metrics
        self._telemetry = telemetry
        self._scorers: dict[TopicPartition, PartitionScorer] = {}
        self._known_by: Control | None = None
        self._known: dict[str, dict[str, int]] = {}
        self._watchers = watchers
        self._memory = memory
        metrics.entities.resident_bytes.set_function(self._resident_bytes)
        self._writing = asyncio.Lock()
        # Of threads that score at the same time, all but one wait for the interpreter, 5 ms at a time.
        self._thread = ThreadPoolExecutor(1, "scoring")

    async def _off_loop(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)

    async def on_assigned(self, source: TopicPartition, committed: Committed | None) -> None:
        scorer = self._new_scorer(source)
        if self._memory is not None:
            self._memory.look()
        if committed is not None:
            await scorer.restore(committed.offset, committed.metadata)
        self._scorers[source] = scorer
        for watcher in self._watchers:
            watcher.opened(source, scorer, 0 if committed is None else committed.offset)

    async def on_revoked(self, source: TopicPartition) -> None:
        scorer = self._scorers.pop(source, None)
        if scorer is not None:
            for watcher in self._watchers:
                watcher.closed(source, scorer)

    async def handle(self, batch: Batch) -> Outcome:
        scorer = self._scorers[batch.source]
        if self._memory is not None:
            # Before anything is changed: a disk that is full fails the batch.
            await self._share(self._memory)
        control = await self._control_for(batch)
        with self._telemetry.span("score batch"):
            async with scorer.using:
                results, metadata = await scorer.score(batch.records, control)
            try:
                outputs = await self._told(batch, results, scorer)
            except BaseException:
                scorer.start_over()
                raise
        return Outcome(outputs, metadata)

    async def _told(self, batch: Batch, results: Results, scorer: PartitionScorer) -> list[Message]:
        with self._metrics.loop.timed(batch.source.topic, "encode"):
            outputs = await self._encoded(results)
        for watcher in self._watchers:
            watcher.scored(batch, results, scorer)
        return outputs

    async def _encoded(self, results: Results) -> list[Message]:
        if results.told <= FEW_TOLD:
            return self._writer.messages(results, current_traceparent())
        messages: list[Message] = await self._off_loop(self._writer.messages, results, current_traceparent())
        return messages

    async def _control_for(self, batch: Batch) -> Control:
        """Rules that know every stream of the batch, if it exists: the control topics may be read a little later."""
        control = self._view.control
        known = self._streams_on(batch.source.topic, control)
        for stream, generation in streams_named(batch.records):
            behind = not known if stream is None else known.get(stream, 0) < (generation or 1)
            if behind and stream != TICK:
                return await self._view.caught_up()
        return control

    def _streams_on(self, topic: str, control: Control) -> dict[str, int]:
        """With their generations. Made again when the rules change: there may be ten thousand streams."""
        if control is not self._known_by:
            self._known_by, self._known = control, {}
        if topic not in self._known:
            rules = control.on_topic(topic)
            self._known[topic] = {stream: rule.generation for (_, stream), rule in rules.items()}
        return self._known[topic]

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
            timed=partial(self._metrics.loop.timed, source.topic),
            memory=self._memory,
        )

    async def _share(self, memory: Memory) -> None:
        await share_memory(memory, self._scorers.values(), self._clock_ms())
        given_back, returned = memory.take_counts()
        self._metrics.entities.spilled.inc(given_back)
        self._metrics.entities.returned.inc(returned)
        self._metrics.entities.spilled_bytes.set(memory.total.spilled_bytes)

    def _resident_bytes(self) -> int:
        return sum(scorer.resident_bytes for scorer in list(self._scorers.values()))

    def _tenant_of(self, topic: str) -> str:
        """`records.<tenant>…`, or the tenant whose stream is mapped to the topic."""
        owner = next((rule.tenant for rule in self._view.control.rules.values() if rule.topic == topic), None)
        return owner or topic.split(".")[1]


class AnomalyHandler(Stateless):
    """Brings `anomalies.*` into the database. The log has them first, so a slow database stops no scoring.

    Saving twice changes nothing.
    """

    def __init__(self, save: Save, codec: Codec) -> None:
        self._save = save
        self._codec = codec

    async def handle(self, batch: Batch) -> Outcome:
        await self._codec.learn(record.value or b"" for record in batch.records)
        try:
            await self._save([self._decoded(record) for record in batch.records])
        except (OSError, Unavailable) as error:
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
