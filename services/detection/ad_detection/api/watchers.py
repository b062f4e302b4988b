"""Those who look on while the partitions of a worker are scored: counters, keepers, and who sends ticks."""

from dataclasses import dataclass
from functools import partial
from typing import Protocol

from ad_chassis.eventlog.port import Batch, TopicPartition
from ad_chassis.metrics import Metrics
from ad_contracts.events import RecordRejected
from ad_detection.domain.control import StreamKey
from ad_detection.domain.results import Results
from ad_detection.ports import ControlSource
from ad_detection.usecases.keep_comparisons import ComparisonKeeper
from ad_detection.usecases.keep_lists import ListKeeper
from ad_detection.usecases.keep_loads import LoadKeeper
from ad_detection.usecases.keep_ticking import Ticks
from ad_detection.usecases.score_partition import PartitionScorer


class Watcher(Protocol):
    """Told in the way of the records, so what takes long is only noted. Batches that fail to commit come again."""

    def opened(self, source: TopicPartition, scorer: PartitionScorer, next_offset: int, /) -> None: ...
    def closed(self, source: TopicPartition, scorer: PartitionScorer, /) -> None: ...
    def scored(self, batch: Batch, results: Results, scorer: PartitionScorer, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Counting:
    """The metrics of what was scored."""

    metrics: Metrics
    view: ControlSource

    def opened(self, source: TopicPartition, scorer: PartitionScorer, next_offset: int) -> None:
        """Nothing is counted yet."""

    def closed(self, source: TopicPartition, scorer: PartitionScorer) -> None:
        for tenant, stream in scorer.rules:
            self.metrics.entities.held.remove(stream, tenant, str(source.partition))

    def scored(self, batch: Batch, results: Results, scorer: PartitionScorer) -> None:
        metrics, dataset = self.metrics, partial(self.metrics.dataset, scorer.tenant)
        for anomaly in results.anomalies:
            metrics.anomalies.labels(anomaly.algorithm, *dataset(anomaly.stream)).inc()
        for (algorithm, stream), rows in results.rows.items():
            metrics.scored.labels(algorithm, *dataset(stream)).inc(rows)
        for rejected in results.rejected:
            metrics.rejected.labels("detection", *self._dataset_of(rejected)).inc()
        for outcome, counted in (("scored", results.late), ("rejected", results.too_late)):
            for stream, rows in (+counted).items():
                metrics.entities.late.labels(*dataset(stream), outcome).inc(rows)
        for (_, stream), challenger in results.failures:
            metrics.challenger_failures.labels(*dataset(stream), challenger.reference).inc()
        self._entities(batch.source.partition, results, scorer)

    def _entities(self, partition: int, results: Results, scorer: PartitionScorer) -> None:
        metrics = self.metrics.entities
        for stream in results.cold:
            held = scorer.entities_of(stream)
            if held is None:
                continue
            dataset = self.metrics.dataset(scorer.tenant, stream)
            if dataset == (stream, scorer.tenant):
                metrics.held.labels(*dataset, str(partition)).set(held)
            metrics.evicted.labels(*dataset).inc(results.evicted[stream])
            metrics.refused.labels(*dataset).inc(results.refused[stream])
            metrics.cold.labels(*dataset).inc(results.cold[stream])

    def _dataset_of(self, rejected: RecordRejected) -> tuple[str, str]:
        """Anybody can write any name into a header; only names of streams become labels."""
        key = (rejected.tenant, rejected.stream or "")
        known = key in self.view.control.rules
        return self.metrics.dataset(rejected.tenant, key[1] if known else "unknown")


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is gathered here and written to the database now and then."""

    view: ControlSource
    comparisons: ComparisonKeeper
    loads: LoadKeeper
    lists: ListKeeper

    def opened(self, _source: TopicPartition, _scorer: PartitionScorer, _next_offset: int) -> None:
        self.lists.forget()

    def closed(self, source: TopicPartition, scorer: PartitionScorer) -> None:
        self.loads.forget(scorer.rules, source.partition)

    def scored(self, batch: Batch, results: Results, scorer: PartitionScorer) -> None:
        tenant, there = scorer.tenant, self.view.control
        # Of a batch that was scored while its stream was deleted, nothing is kept: nobody would take it away.
        gone = {stream for stream in results.loads if there.generation(tenant, stream) is None}
        comparisons, met, loads = results.comparisons, results.met, results.loads
        if gone:
            comparisons = {pair: counts for pair, counts in comparisons.items() if pair.stream not in gone}
            met = [each for each in met if each.key[1] not in gone]
            loads = {stream: load for stream, load in loads.items() if stream not in gone}
        self.comparisons.add(comparisons)
        self.lists.add(met)
        self.loads.add(tenant, batch.source.partition, loads, scorer.entities_of)

    def gone(self, stream: StreamKey) -> None:
        for keeper in (self.comparisons, self.loads, self.lists):
            keeper.gone(stream)


@dataclass(frozen=True, slots=True)
class Ticking:
    """How long nothing came of a stream whose silence somebody wants to know."""

    ticks: Ticks

    def opened(self, source: TopicPartition, scorer: PartitionScorer, next_offset: int) -> None:
        self.ticks.opened(source, next_offset, scorer.waiting)

    def closed(self, source: TopicPartition, _scorer: PartitionScorer) -> None:
        self.ticks.closed(source)

    def scored(self, batch: Batch, results: Results, scorer: PartitionScorer) -> None:
        streams = [stream for _, stream in results.rows]
        self.ticks.scored(batch.source, batch.next_offset, streams, scorer.waiting)
