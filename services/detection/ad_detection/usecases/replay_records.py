"""Scores records of the past by the code that scores live ones, once for each configuration."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid5

import msgspec

from ad_contracts.events import AnomalyDetected
from ad_contracts.ids import NAMESPACE
from ad_detection.domain.agreement import Agreement
from ad_detection.domain.chunks import Chunk
from ad_detection.domain.contenders import Contender
from ad_detection.domain.grouping import Incoming
from ad_detection.domain.memory import Memory
from ad_detection.domain.replays import NAMES, Span
from ad_detection.domain.results import Results
from ad_detection.domain.state import PartitionState
from ad_detection.domain.tally import Tally
from ad_detection.domain.windows import Windows
from ad_detection.usecases.score_batch import score_batch

Alerts = list[AnomalyDetected]
NOWHERE = -1
"""Partition and offset of a record of the lake, which does not say where it stood in the log."""


class Replayer:
    """Knows nothing at the start; every partition has a state of its own for each configuration."""

    def __init__(
        self,
        contenders: Sequence[Contender],
        windows: Windows,
        now_ms: int,
        memory: Memory | None = None,
    ) -> None:
        self._contenders = contenders
        self._now_ms = now_ms
        self._memory = memory
        self._states: dict[tuple[int, int], PartitionState] = {}
        self._tallies = [Tally(contender.rule, windows) for contender in contenders]
        self._agreement = Agreement() if len(contenders) == 2 else None
        self._span: tuple[int, int] | None = None
        self._spans: dict[int, Span] = {}

    def take(self, chunk: Chunk) -> tuple[int, list[Alerts]]:
        """How many rows were scored, and the anomalies of each configuration; of a warm chunk nothing is told."""
        sampled = self._agreement is not None and not chunk.warm and self._agreement.wants_scores()
        results = [self._score(place, chunk, scores=sampled) for place in range(len(self._contenders))]
        alerts = [self._named(place, chunk, each.anomalies) for place, each in enumerate(results)]
        if chunk.warm:
            return results[0].rows.total(), [[] for _ in results]
        for tally, each, found in zip(self._tallies, results, alerts, strict=True):
            tally.add(each, found)
        if self._agreement is not None:
            self._agreement.add(alerts, [block.score for each in results for block in each.scores])
        first, last = self._span or (chunk.first_ms, chunk.last_ms)
        self._span = min(first, chunk.first_ms), max(last, chunk.last_ms)
        self._note(chunk)
        return results[0].rows.total(), alerts

    def summary(self) -> dict[str, Any]:
        first, last = self._span or (0, 0)
        tallies = [tally.summary(last - first) for tally in self._tallies]
        return {
            "configurations": dict(zip(NAMES, tallies, strict=False)),
            "comparison": None if self._agreement is None else self._agreement.summary(),
            "spans": msgspec.to_builtins(list(self._spans.values())),
        }

    def _note(self, chunk: Chunk) -> None:
        """Which records of the log were scored; of the lake, none."""
        if chunk.read_from is None:
            return
        start, stop = chunk.records[0].offset, chunk.records[-1].offset + 1
        known = self._spans.get(chunk.partition)
        self._spans[chunk.partition] = Span(
            partition=chunk.partition,
            start=start if known is None else known.start,
            stop=stop,
            whole=chunk.read_from == 0,
        )

    def _score(self, place: int, chunk: Chunk, *, scores: bool) -> Results:
        contender = self._contenders[place]
        state = self._states.get((place, chunk.partition))
        if state is None:
            state = self._states[place, chunk.partition] = PartitionState(memory=self._memory)
        rule = contender.rule
        if rule.settings.publish_scores != scores:
            rule = replace(rule, settings=replace(rule.settings, publish_scores=scores))
        state.rules = {rule.key: rule}
        batch = Incoming(rule.tenant, chunk.topic, chunk.partition, chunk.records, self._now_ms)
        return score_batch(state, contender.models, batch)

    def _named(self, place: int, chunk: Chunk, anomalies: Alerts) -> Alerts:
        """Anomalies of the lake are known by their record, since its place in the log is not; so are episodes."""
        if chunk.record_ids is None or not anomalies:
            return anomalies
        ids = chunk.record_ids.gather([anomaly.row for anomaly in anomalies]).to_list()
        named = [_of_record(anomaly, record_id) for anomaly, record_id in zip(anomalies, ids, strict=True)]
        names = {before.id: after.id for before, after in zip(anomalies, named, strict=True)}
        for going in self._states[place, chunk.partition].episodes.values():
            going |= {
                entity: episode._replace(id=names[episode.id])
                for entity, episode in going.items()
                if episode.id in names
            }
        return [
            msgspec.structs.replace(each, episode_id=names.get(each.episode_id or "", each.episode_id))
            for each in named
        ]


def _of_record(anomaly: AnomalyDetected, record_id: str) -> AnomalyDetected:
    if anomaly.kind == "silence":
        # It has a name of its own; the record is the one that came after it.
        row = int(record_id.rpartition("/")[2])
        return msgspec.structs.replace(anomaly, partition=NOWHERE, offset=NOWHERE, row=row)
    name = f"{anomaly.tenant}/{anomaly.stream}/{record_id}/{anomaly.model_version}"
    return msgspec.structs.replace(
        anomaly,
        id=str(uuid5(NAMESPACE, name)),
        record_id=record_id,
        partition=NOWHERE,
        offset=NOWHERE,
        row=int(record_id.rpartition("/")[2]),
    )
