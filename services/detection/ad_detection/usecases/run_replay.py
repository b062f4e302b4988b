"""Runs a replay: takes records from their source, has them scored off the event loop, keeps what was found."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from ad_chassis.errors import NotFound, Unavailable, Unprocessable
from ad_contracts.events import AnomalyDetected
from ad_detection.domain.contenders import (
    ConfigurationError,
    Contender,
    accepted_schema,
    configured,
    with_model,
)
from ad_detection.domain.control import StreamRule
from ad_detection.domain.memory import Memory
from ad_detection.domain.replays import NAMES, Configuration, Replay, ReplayRequest, Source
from ad_detection.domain.windows import Windows
from ad_detection.ports import (
    ControlSource,
    FindingStore,
    ModelSource,
    ModelUnusable,
    Readiness,
    RecordSource,
)
from ad_detection.usecases.replay_records import Replayer

Run = Callable[..., Awaitable[Any]]
Tell = Callable[[int, float | None], Awaitable[None]]
"""Takes the rows that were scored so far, and the share of the range."""
PART = 1_000
MOST_KEPT = 100_000
COMPILING_ATTEMPTS = 9


@dataclass(frozen=True, slots=True)
class Tools:
    """What a replay works with; `run` calls a function off the event loop."""

    view: ControlSource
    models: ModelSource
    detectors: Readiness
    sources: Mapping[Source, RecordSource]
    findings: FindingStore
    clock_ms: Callable[[], int]
    run: Run
    max_rows: int
    memory: Memory | None = None
    """What the entities of replays may take, where it is limited."""


async def contenders_of(tools: Tools, tenant: str, request: ReplayRequest) -> list[Contender]:
    """What the configurations come to now; says what is wrong with them, also before a replay is queued."""
    rule = (await tools.view.caught_up()).rule(tenant, request.stream)
    if rule is None:
        raise NotFound(f"there is no stream {request.stream!r} with a schema; GET /api/v1/streams lists them")
    if request.source == "lake":
        rule = replace(rule, schema=accepted_schema(rule.schema))
    return [
        await _contender(tools, rule, wanted, place) for place, wanted in enumerate(request.configurations)
    ]


async def run_replay(replay: Replay, tools: Tools, tell: Tell) -> dict[str, Any]:
    """The result. Reads ahead one chunk while another is scored."""
    request = replay.request
    contenders = await contenders_of(tools, replay.tenant, request)
    for contender in contenders:
        if contender.rule.model is None:
            await _compiled(tools.detectors, contender.rule.settings.algorithm)
    replayer = Replayer(contenders, Windows(request.windows), tools.clock_ms(), tools.memory)
    kept = Kept(tools.findings, replay, len(contenders))
    scoring: tuple[asyncio.Future[Any], float | None] | None = None
    source = tools.sources[request.source]
    async with aclosing(source.chunks(contenders[0].rule, request)) as chunks:
        async for chunk in chunks:
            if tools.memory is not None:
                tools.memory.look()
            if scoring is not None:
                await _taken(scoring, kept, tell, tools.max_rows)
            scoring = asyncio.ensure_future(tools.run(replayer.take, chunk)), chunk.progress
        if scoring is not None:
            await _taken(scoring, kept, tell, tools.max_rows)
    await kept.flush()
    return _result(replayer, kept)


@dataclass(slots=True)
class Kept:
    """Anomalies on their way into the store, in parts of one size; the first ones of each configuration."""

    store: FindingStore
    replay: Replay
    configurations: int
    rows: int = 0
    counts: list[int] = field(init=False)
    waiting: list[list[AnomalyDetected]] = field(init=False)

    def __post_init__(self) -> None:
        self.counts = [0] * self.configurations
        self.waiting = [[] for _ in range(self.configurations)]

    async def add(self, alerts: Sequence[Sequence[AnomalyDetected]]) -> None:
        for place, found in enumerate(alerts):
            room = MOST_KEPT - self.counts[place] - len(self.waiting[place])
            self.waiting[place] += found[:room]
            while len(self.waiting[place]) >= PART:
                await self._put(place)

    async def flush(self) -> None:
        for place, waiting in enumerate(self.waiting):
            if waiting:
                await self._put(place)

    async def _put(self, place: int) -> None:
        part, self.waiting[place] = self.waiting[place][:PART], self.waiting[place][PART:]
        await self.store.put(self.replay, NAMES[place], self.counts[place] // PART, part)
        self.counts[place] += len(part)


async def _taken(scoring: tuple[Awaitable[Any], float | None], kept: Kept, tell: Tell, max_rows: int) -> None:
    future, progress = scoring
    rows, alerts = await future
    kept.rows += rows
    if kept.rows > max_rows:
        raise Unprocessable(
            f"the range holds more than {max_rows:,} records, which is what a replay takes; choose a shorter one"
        )
    await kept.add(alerts)
    await tell(kept.rows, progress)


def _result(replayer: Replayer, kept: Kept) -> dict[str, Any]:
    result = replayer.summary()
    for configuration, count in zip(result["configurations"].values(), kept.counts, strict=True):
        configuration["kept"] = count
    return result


async def _contender(tools: Tools, rule: StreamRule, wanted: Configuration, place: int) -> Contender:
    try:
        rule = configured(rule, wanted)
        if rule.model is None or rule.version is None:
            return Contender(rule)
        return with_model(rule, await tools.models.load(rule.tenant, rule.model, rule.version), wanted)
    except (ConfigurationError, ModelUnusable) as error:
        field_name = f"configurations.{place}"
        raise Unprocessable(
            f"{field_name}: {error}", errors=[{"field": field_name, "message": str(error)}]
        ) from error


async def _compiled(detectors: Readiness, algorithm: str) -> None:
    """A replay has time to wait for a detector's kernels."""
    for _ in range(COMPILING_ATTEMPTS - 1):
        try:
            return await detectors.ready(algorithm)
        except Unavailable:
            continue
    return await detectors.ready(algorithm)
