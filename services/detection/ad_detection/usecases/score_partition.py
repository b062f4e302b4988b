"""Keeps the state of one partition in step with what is committed, and scores its batches."""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol
from uuid import uuid4

import msgspec
import structlog

from ad_detection.domain.bookmark import Bookmark, Switch
from ad_detection.domain.control import Control, Rules, StreamKey, StreamRule
from ad_detection.domain.grouping import Incoming, StoredRecord
from ad_detection.domain.memory import Memory
from ad_detection.domain.results import Results
from ad_detection.domain.state import PartitionState, obey
from ad_detection.domain.ticks import waiting
from ad_detection.domain.written_rules import apply_switch, switch_to_bytes
from ad_detection.ports import ChallengerSource, ModelSource, ModelUnusable, Readiness, SnapshotStore
from ad_detection.usecases.keep_challengers import PartitionChallengers
from ad_detection.usecases.keep_snapshots import Run, SnapshotChain
from ad_detection.usecases.score_batch import score_batch
from ad_detectors.model import Model

RECORDS_PER_CHANGE = 4
"""Records that are scored for each entity that a snapshot writes, so that many entities make no record dearer."""
SMALL_BYTES = 32 << 10
"""Scored at once: a hand-over to another thread waits for a processor longer than that takes."""
KEPT_MS = 10_000
"""A log whose brokers all stop at once may have an older commit afterwards than it acknowledged, see ADR 45."""
Replay = Callable[[int, int], AsyncIterator[Sequence[StoredRecord]]]
Timed = Callable[[str], contextlib.AbstractContextManager[None]]
"""Notes how long the step of this name takes."""
log = structlog.get_logger(__name__)


def untimed(_step: str) -> contextlib.AbstractContextManager[None]:
    return contextlib.nullcontext()


class Place(Protocol):
    @property
    def tenant(self) -> str: ...
    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...


class PartitionScorer:
    """One partition of a data topic.

    Where the rules change, the offset of the first batch that they apply to is written down with the change, and now
    and then a snapshot of everything; so a replay from the snapshot obeys the rules that were in force at each record.
    """

    def __init__(
        self,
        place: Place,
        models: ModelSource,
        challengers: ChallengerSource,
        detectors: Readiness,
        snapshots: SnapshotStore,
        replay: Replay,
        *,
        folder: str,
        snapshot_every_records: int,
        clock_ms: Callable[[], int],
        writing: asyncio.Lock,
        run: Run = asyncio.to_thread,
        timed: Timed = untimed,
        memory: Memory | None = None,
    ) -> None:
        self._place = place
        self._timed = timed
        self._models = models
        self._challenger_source = challengers
        self._challengers = PartitionChallengers(challengers)
        self._detectors = detectors
        self._snapshots = snapshots
        self._writing = writing
        self._replay = replay
        self._folder = f"{folder}/{place.topic}/{place.partition}"
        self._memory = memory
        self._chain = SnapshotChain(snapshots, self._folder, writing, run, memory)
        self._snapshot_every = self._snapshot_at = snapshot_every_records
        self._clock_ms = clock_ms
        self._run = run
        self.using = asyncio.Lock()
        """To be held by who calls `score` or `give_back`."""
        self._state = PartitionState(memory=memory)
        self._loaded: dict[StreamKey, Model] = {}
        self._bookmark: Bookmark | None = None
        self._superseded: deque[tuple[int, str]] = deque()
        self._since_snapshot = 0
        self._control: Control | None = None
        self._broken = False

    @property
    def rules(self) -> Rules:
        return self._state.rules

    @property
    def waiting(self) -> dict[str, float]:
        """Streams whose silence could be told if time went on, and after how many seconds without a record."""
        return waiting(self._state)

    @property
    def tenant(self) -> str:
        return self._place.tenant

    def entities_of(self, stream: str) -> int | None:
        """How many the streaming detector knows; None where it never scored."""
        known = self._state.streams.get((self._place.tenant, stream))
        return None if known is None else known.entities.held

    @property
    def resident_bytes(self) -> int:
        """Memory of the tables of entities."""
        return sum(table.resident_bytes for table in self._state.tables)

    @property
    def largest_bytes(self) -> int:
        """Of the table that has most to give back."""
        largest = self._state.largest
        return 0 if largest is None or largest.residents is None else largest.residents.resident_bytes

    async def give_back(self) -> None:
        """The largest table lets go of a quarter of its memory; a disk that is full is told by the next batch."""
        largest = self._state.largest
        if largest is not None:
            await self._run(largest.give_back)

    async def restore(self, committed_offset: int, metadata: str) -> None:
        """Back to the state at the committed offset: the snapshot that was committed with it, then a silent replay.

        A model keeps nothing of what it scores, but whether the last record of an entity was anomalous is part of the
        state. One that was deleted meanwhile must not keep the partition from opening: its records are passed over.
        """
        self._state, self._loaded, self._control = PartitionState(memory=self._memory), {}, None
        self._challengers = PartitionChallengers(self._challenger_source)
        self._chain = SnapshotChain(self._snapshots, self._folder, self._writing, self._run, self._memory)
        self._since_snapshot, self._snapshot_at = 0, self._snapshot_every
        self._superseded, self._broken = deque(), True
        self._bookmark = Bookmark.decode(metadata)
        if self._bookmark is not None:
            await self._rebuild(self._bookmark, committed_offset)
        self._broken = False

    async def _rebuild(self, bookmark: Bookmark, committed_offset: int) -> None:
        self._state, start = await self._chain.load(bookmark.snapshot)
        for switch in bookmark.switches:
            await self._catch_up(start, switch.offset)
            apply_switch(self._state, await self._snapshots.get(switch.key))
            start = switch.offset
        await self._catch_up(start, committed_offset)

    async def _catch_up(self, start: int, stop: int) -> None:
        await self._compiled(self._state.rules)
        if start < stop:
            await self._load_all()
        async for records in self._replay(start, stop):
            if self._memory is not None:
                self._memory.look()
            await self._score(records)

    async def _load_all(self) -> None:
        """The models of the rules in force, as far as they are still there."""
        self._loaded = {}
        for key, rule in self._state.rules.items():
            if rule.model is not None:
                with contextlib.suppress(ModelUnusable):
                    self._loaded[key] = await self._load(rule)

    async def score(self, records: Sequence[StoredRecord], control: Control) -> tuple[Results, str]:
        """The results of a batch, and the metadata that must be committed with them.

        When it fails, the next call starts from what is committed, since the state may be half changed.
        """
        if self._broken:
            await self.restore(records[0].offset, self._bookmark.encode() if self._bookmark else "")
        await self._forget_superseded()
        if control is not self._control:
            await self._fetch_models(control)
            await self._compiled(control.on_topic(self._place.topic))
        self._broken = True
        needed = self._needed
        bookmark = await self._obey(control, records[0].offset)
        with self._timed("score"):
            results = await self._score(records)
        self._broken = False
        self._bookmark = bookmark
        # A manifest is deleted before what it names.
        until_ms = self._clock_ms() + KEPT_MS
        self._superseded += ((until_ms, key) for key in sorted(needed - self._needed, reverse=True))
        return results, bookmark.encode()

    def start_over(self) -> None:
        """What came of the last batch was lost: the next call starts from what is committed."""
        self._broken = True

    async def _obey(self, control: Control, offset: int) -> Bookmark:
        """Applies the rules of now from this offset on, and marks the place: small for a switch, else a snapshot."""
        before, known = self._state.rules, self._bookmark
        due = control is not self._control or self._challengers.changed
        changed = due and await self._switch(control.on_topic(self._place.topic))
        self._control = control
        if known is None or known.full or self._snapshot_due():
            with self._timed("snapshot"):
                key = await self._chain.write(self._state, offset)
            self._since_snapshot, self._snapshot_at = 0, self._snapshot_every
            return Bookmark(key, offset)
        if not changed:
            return known
        key = f"{self._folder}/{offset:020d}-{uuid4().hex[:8]}.switch.json"
        await self._snapshots.put(key, switch_to_bytes(before, self._state.rules))
        return msgspec.structs.replace(known, switches=(*known.switches, Switch(offset, key)))

    def _snapshot_due(self) -> bool:
        """Enough records since the last one, and enough for what changed, which is looked at now and then."""
        if self._since_snapshot >= self._snapshot_at:
            changed = sum(stream.changed for stream in self._state.tables)
            self._snapshot_at = max(self._snapshot_every, RECORDS_PER_CHANGE * changed)
        return self._since_snapshot >= self._snapshot_at

    @property
    def _needed(self) -> set[str]:
        """Every object from which the state at the last bookmark can be made."""
        switches = () if self._bookmark is None else self._bookmark.switches
        return {*self._chain.keys, *(switch.key for switch in switches)}

    async def _fetch_models(self, control: Control) -> None:
        """Before anything is changed: while the registry does not answer, nothing has to be restored."""
        for rule in control.on_topic(self._place.topic).values():
            if rule.model is not None and rule.version is not None:
                with contextlib.suppress(ModelUnusable):
                    await self._models.load(rule.tenant, rule.model, rule.version)

    async def _compiled(self, rules: Rules) -> None:
        """No record waits for a detector's kernels: the batch is tried again once they are there."""
        for algorithm in {rule.settings.algorithm for rule in rules.values() if rule.model is None}:
            await self._detectors.ready(algorithm)

    async def _switch(self, wanted: Rules) -> bool:
        """Takes over rules that differ, and loads what they need. Says whether anything changed."""
        before = self._state.rules
        rules = {key: await self._usable(before.get(key), rule) for key, rule in wanted.items()}
        rules = self._challengers.chosen(rules)
        self._loaded = {
            key: model for key, model in self._loaded.items() if key in rules and rules[key].model
        }
        obey(self._state, rules)
        return rules != before

    async def _usable(self, before: StreamRule | None, rule: StreamRule) -> StreamRule:
        """The rule itself; or, where its model must not be used, with what scored the stream before."""
        if rule.model is None:
            return rule
        if before is not None and before.model_version == rule.model_version and self._fits(rule):
            return rule
        try:
            model = await self._load(rule)
        except ModelUnusable as error:
            log.error("model refused", stream=rule.stream, model=rule.model_version, reason=str(error))
            return rule.scored_as(before if self._fits(rule) else None)
        self._loaded[rule.key] = model
        place = self._place
        log.info(
            "model switched",
            stream=rule.stream,
            model=rule.model_version,
            topic=place.topic,
            partition=place.partition,
        )
        return rule

    def _fits(self, rule: StreamRule) -> bool:
        """Whether the model that is loaded for the stream can score what its schema has now."""
        model = self._loaded.get(rule.key)
        return model is not None and set(model.feature_names) <= set(rule.schema.features)

    async def _load(self, rule: StreamRule) -> Model:
        if rule.model is None or rule.version is None:
            raise ModelUnusable(f"stream {rule.stream!r} has no model")
        model = await self._models.load(rule.tenant, rule.model, rule.version)
        missing = [name for name in model.feature_names if name not in rule.schema.features]
        if missing:
            have = ", ".join(rule.schema.features)
            raise ModelUnusable(
                f"{rule.model_version} needs {', '.join(missing)}; {rule.stream!r} has {have}"
            )
        return model

    async def _score(self, records: Sequence[StoredRecord]) -> Results:
        place = self._place
        batch = Incoming(place.tenant, place.topic, place.partition, records, self._clock_ms())
        given = (self._state, self._loaded, batch, self._challengers.models)
        if not self._reads_files and sum(len(record.value or b"") for record in records) <= SMALL_BYTES:
            results = score_batch(*given)
        else:
            results = await self._run(score_batch, *given)
        for (key, challenger), reason in results.failures.items():
            self._challengers.take_out(self._state.rules[key], challenger, reason)
        self._since_snapshot += results.rows.total()
        return results

    @property
    def _reads_files(self) -> bool:
        """A disk is not waited for on the event loop."""
        return self._memory is not None and self._memory.total.spilled_bytes > 0

    async def _forget_superseded(self) -> None:
        """A batch comes only after the one before was committed, so older snapshots are needed no more."""
        while self._superseded and self._superseded[0][0] <= self._clock_ms():
            await self._snapshots.delete(self._superseded.popleft()[1])
