"""Bodies and answers of replays."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from ad_chassis.http import Body
from ad_chassis.http.moments import Moment, milliseconds
from ad_contracts.headers import iso_time
from ad_detection.api.schemas import MODEL_VERSION
from ad_detection.domain.replays import (
    Configuration,
    OffsetRange,
    Publication,
    PublicationState,
    Replay,
    ReplayRequest,
    Source,
    State,
    Window,
)

MOST_LABELS = 10_000
STREAM = r"^[a-z][a-z0-9_-]{0,62}$"
EXAMPLES: list[JsonValue] = [
    {
        "stream": "pumps",
        "from": "2026-11-01T00:00:00Z",
        "to": "2026-11-02T00:00:00Z",
        "configurations": [{"model": "pumps@3"}, {"model": "pumps@4"}],
        "labels": [{"start": "2026-11-01T10:00:00Z", "end": "2026-11-01T10:20:00Z", "entity": "pump-7"}],
    },
    {"stream": "pumps", "source": "log", "configurations": [{}, {"algorithm": "ewma"}]},
]


class ConfigurationBody(Body):
    """Nothing means: as the stream is scored now."""

    model: Annotated[str, Field(pattern=MODEL_VERSION, examples=["pumps@3"])] | None = None
    algorithm: Annotated[str, Field(max_length=63, description="A streaming detector.")] | None = None
    parameters: Annotated[dict[str, Any], Field(default_factory=dict)]
    alert_probability: Annotated[float, Field(gt=0, lt=1)] | None = None
    threshold: Annotated[float, Field(description="Of a model: the score above which it alerts.")] | None = (
        None
    )

    def in_domain(self) -> Configuration:
        name, _, version = (self.model or "").partition("@")
        return Configuration(
            model=name or None,
            version=int(version) if version else None,
            algorithm=self.algorithm,
            parameters=self.parameters,
            alert_probability=self.alert_probability,
            threshold=self.threshold,
        )


class LabelBody(Body):
    """A moment (`time`) or a stretch of time (`start` to `end`, both in it) that is known to be anomalous."""

    time: Moment | None = None
    start: Moment | None = None
    end: Moment | None = None
    entity: str | None = None
    label: Annotated[Literal[0, 1], Field(description="0 is passed over.")] = 1

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.time is not None and (self.start is not None or self.end is not None):
            raise ValueError("give either 'time', or 'start' and 'end'")
        if self.time is None and (self.start is None or self.end is None):
            raise ValueError("give 'time', or both 'start' and 'end'")
        if (
            self.start is not None
            and self.end is not None
            and milliseconds(self.end) < milliseconds(self.start)
        ):
            raise ValueError("'end' lies before 'start'")
        return self

    def in_domain(self) -> Window:
        start, end = (milliseconds(each or self.time) for each in (self.start, self.end))
        return Window(start_ms=start or 0, end_ms=end or 0, entity=self.entity)


class OffsetsBody(Body):
    partition: Annotated[int, Field(ge=0)]
    start: Annotated[int, Field(ge=0)]
    stop: Annotated[int, Field(ge=0, description="The first offset that does not belong to it.")]


class ReplayBody(Body):
    """From ≤ time < to: event time in the lake, time of arrival in the log."""

    model_config = ConfigDict(json_schema_extra={"examples": EXAMPLES})

    stream: Annotated[str, Field(pattern=STREAM)]
    source: Source = "lake"
    from_: Annotated[Moment | None, Field(alias="from")] = None
    to: Moment | None = None
    warm_from: Annotated[
        Moment | None, Field(description="From here to `from`, records are only learnt from.")
    ] = None
    offsets: Annotated[
        list[OffsetsBody], Field(description="Of the log, instead of times.", default_factory=list)
    ]
    configurations: Annotated[
        list[ConfigurationBody], Field(min_length=1, max_length=2, default_factory=lambda: [_as_it_is()])
    ]
    labels: Annotated[list[LabelBody], Field(max_length=MOST_LABELS, default_factory=list)]

    @model_validator(mode="after")
    def _range(self) -> Self:
        begin, end, warm = (milliseconds(each) for each in (self.from_, self.to, self.warm_from))
        if self.offsets and (self.source != "log" or (begin, end, warm) != (None, None, None)):
            raise ValueError(
                "'offsets' choose records of the log; give 'source': 'log' and no times with them"
            )
        if begin is not None and end is not None and end <= begin:
            raise ValueError("'to' must lie after 'from'")
        if warm is not None and (begin is None or warm >= begin):
            raise ValueError("'warm_from' must lie before 'from', which must be given with it")
        return self

    def in_domain(self) -> ReplayRequest:
        return ReplayRequest(
            stream=self.stream,
            source=self.source,
            from_ms=milliseconds(self.from_),
            to_ms=milliseconds(self.to),
            warm_from_ms=milliseconds(self.warm_from),
            offsets=tuple(OffsetRange(**each.model_dump()) for each in self.offsets),
            configurations=tuple(each.in_domain() for each in self.configurations),
            windows=tuple(each.in_domain() for each in self.labels if each.label),
        )


class PublishBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"configuration": "a"}]})

    configuration: Literal["a", "b"] = "a"


class PublicationAnswer(BaseModel):
    """How far corrections are published: `anomalies` and `retracted` are events, `unchanged` records."""

    configuration: str
    state: PublicationState
    progress: float
    anomalies: int
    retracted: int
    unchanged: int
    requested_by: str
    started_at: str
    finished_at: str | None
    error: str | None

    @classmethod
    def of(cls, publication: Publication) -> Self:
        return cls(
            configuration=publication.configuration,
            state=publication.state,
            progress=publication.progress,
            anomalies=publication.anomalies,
            retracted=publication.retracted,
            unchanged=publication.unchanged,
            requested_by=publication.requested_by,
            started_at=iso_time(publication.started_ms),
            finished_at=_shown(publication.finished_ms),
            error=publication.error,
        )


class ReplayAnswer(BaseModel):
    id: str
    stream: str
    source: Source
    from_: Annotated[str | None, Field(serialization_alias="from")]
    to: str | None
    warm_from: str | None
    configurations: list[dict[str, Any]]
    labels: int
    state: State
    rows: int
    progress: float | None
    requested_by: str
    created_at: str
    started_at: str | None
    finished_at: str | None
    result: dict[str, Any] | None
    error: str | None
    publication: PublicationAnswer | None

    @classmethod
    def of(cls, replay: Replay) -> Self:
        request = replay.request
        return cls(
            id=replay.id,
            stream=request.stream,
            source=request.source,
            from_=_shown(request.from_ms),
            to=_shown(request.to_ms),
            warm_from=_shown(request.warm_from_ms),
            configurations=[_configuration(each) for each in request.configurations],
            labels=len(request.windows),
            state=replay.state,
            rows=replay.rows,
            progress=replay.progress,
            requested_by=replay.requested_by,
            created_at=iso_time(replay.created_ms),
            started_at=_shown(replay.started_ms),
            finished_at=_shown(replay.finished_ms),
            result=replay.result,
            error=replay.error,
            publication=None if replay.publication is None else PublicationAnswer.of(replay.publication),
        )


class ReplaysPage(BaseModel):
    items: list[ReplayAnswer]
    next_cursor: str | None


def _as_it_is() -> ConfigurationBody:
    return ConfigurationBody.model_validate({})


def _shown(time_ms: int | None) -> str | None:
    return None if time_ms is None else iso_time(time_ms)


def _configuration(configuration: Configuration) -> dict[str, Any]:
    """Only what was said."""
    found = {
        "model": f"{configuration.model}@{configuration.version}" if configuration.model else None,
        "algorithm": configuration.algorithm,
        "parameters": configuration.parameters or None,
        "alert_probability": configuration.alert_probability,
        "threshold": configuration.threshold,
    }
    return {name: value for name, value in found.items() if value is not None}
