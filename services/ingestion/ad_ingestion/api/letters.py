"""Bodies, filters and answers of dead letters."""

import base64
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from ad_chassis.errors import Unprocessable
from ad_chassis.http import Body
from ad_chassis.http.body import QueryBody
from ad_chassis.http.moments import Moment, milliseconds
from ad_contracts.headers import iso_time
from ad_ingestion.domain.dead_letters import (
    DeadLetter,
    DeadLetterPage,
    LetterGroup,
    LetterQuery,
    Source,
    State,
    raw_text,
)
from ad_ingestion.domain.replays import Correction, Replayed, Trial
from ad_ingestion.usecases.replay_dead_letters import Mode

SHOWN_FAILURES = 100
Encoding = Literal["utf-8", "base64"]
Text = Annotated[str, Field(min_length=1, max_length=1000)]


class LetterFilter(Body):
    model_config = ConfigDict(populate_by_name=True)

    stream: Text | None = None
    reason: Text | None = Field(
        default=None, description="a part of the reason; small and capital letters are one"
    )
    field: Text | None = Field(default=None, description="the field that was wrong")
    source: Source | None = Field(default=None, description="who rejected it")
    state: State | None = None
    from_: Moment | None = Field(default=None, alias="from", description="rejected then or later")
    to: Moment | None = Field(default=None, description="rejected before")

    def query(self, among: frozenset[str] | None) -> LetterQuery:
        same = ("stream", "reason", "field", "source", "state")
        named = {name: getattr(self, name) for name in same}
        return LetterQuery(
            **named, from_ms=milliseconds(self.from_), to_ms=milliseconds(self.to), among=among
        )


class LetterList(LetterFilter, QueryBody):
    limit: int = Field(default=50, ge=1, le=1000)
    cursor: int | None = Field(
        default=None, ge=0, le=2**63 - 1, description="`next_cursor` of the page before"
    )


class LetterSummary(LetterFilter, QueryBody):
    limit: int = Field(default=100, ge=1, le=1000)


class LetterPurge(LetterFilter, QueryBody):
    everything: bool = Field(default=False, description="needed when nothing else is named")
    dry_run: bool = Field(default=False, description="only count")


class ReplayMode(Body):
    dry_run: bool = Field(default=False, description="only say what would happen")
    force: bool = Field(default=False, description="also what was replayed already")

    def mode(self) -> Mode:
        return Mode(self.dry_run, self.force)


class ReplaySome(LetterFilter, ReplayMode):
    limit: int = Field(default=1000, ge=1, le=1000)
    cursor: int = Field(default=0, ge=0, le=2**63 - 1, description="`next_cursor` of the call before")


class ReplayOne(ReplayMode):
    raw: str | None = Field(default=None, max_length=1 << 20, description="the corrected record")
    raw_encoding: Encoding = "utf-8"
    content_type: Text | None = Field(default=None, description="of `raw`; else its first bytes tell")
    stream: Text | None = Field(
        default=None, description="the stream to which it belongs, when it named a wrong one"
    )

    def correction(self) -> Correction:
        return Correction(self._bytes(), self.content_type, self.stream)

    def _bytes(self) -> bytes | None:
        if self.raw is None:
            return None
        if self.raw_encoding == "utf-8":
            return self.raw.encode("utf-8", "replace")
        try:
            return base64.b64decode(self.raw, validate=True)
        except ValueError as error:
            message = f"not base64: {error}; send text with raw_encoding utf-8"
            raise Unprocessable(f"raw: {message}", errors=[{"field": "raw", "message": message}]) from error


class HeaderAnswer(BaseModel):
    name: str
    value: str | None
    encoding: Encoding | None

    @classmethod
    def of(cls, name: str, value: bytes | None) -> Self:
        shown = None if value is None else raw_text(value)
        return cls(name=name, value=shown and shown.text, encoding=shown and shown.encoding)


class DeadLetterAnswer(BaseModel):
    """`raw` is the record as it came, as text, or as base64 when it is not UTF-8."""

    id: str
    stream: str | None
    time: str
    reason: str
    field: str | None
    row: int
    raw: str
    raw_encoding: Encoding
    content_type: str | None
    source: Source
    topic: str | None
    partition: int | None
    offset: int | None
    headers: list[HeaderAnswer]
    state: State
    replayed_at: str | None
    replay_of: str | None = Field(description="the dead letter whose replay this is")

    @classmethod
    def of(cls, letter: DeadLetter) -> Self:
        event, raw = letter.event, raw_text(letter.event.raw)
        same = ("stream", "reason", "field", "row", "content_type", "source", "topic", "partition", "offset")
        return cls(
            id=letter.event_id,
            time=iso_time(event.rejected_time_ms),
            raw=raw.text,
            raw_encoding=raw.encoding,
            headers=[HeaderAnswer.of(each["name"], each["value"]) for each in event.headers],
            state=letter.state,
            replayed_at=None if letter.replayed_ms is None else iso_time(letter.replayed_ms),
            replay_of=letter.replay_of,
            **{name: getattr(event, name) for name in same},
        )


class DeadLettersPage(BaseModel):
    items: list[DeadLetterAnswer]
    next_cursor: str | None

    @classmethod
    def of(cls, page: DeadLetterPage) -> Self:
        return cls(items=[DeadLetterAnswer.of(each) for each in page.items], next_cursor=page.next_cursor)


class LetterGroupAnswer(BaseModel):
    """Dead letters of one stream whose reasons differ in values only."""

    stream: str | None
    source: Source
    field: str | None
    reason: str
    count: int
    open: int = Field(description="those that were not replayed")
    first: str
    last: str
    example: str = Field(description="the id of the newest")

    @classmethod
    def of(cls, group: LetterGroup) -> Self:
        return cls(
            stream=group.stream,
            source=group.source,
            field=group.field,
            reason=group.kind,
            count=group.count,
            open=group.open,
            first=iso_time(group.first_ms),
            last=iso_time(group.last_ms),
            example=group.example,
        )


class LetterSummaryAnswer(BaseModel):
    items: list[LetterGroupAnswer]


class PurgeAnswer(BaseModel):
    purged: int
    dry_run: bool


class TrialAnswer(BaseModel):
    """`passes`: whether the stream takes the record now; if not, `reason` says what is wrong."""

    id: str
    stream: str | None
    passes: bool
    reason: str | None
    field: str | None

    @classmethod
    def of(cls, trial: Trial) -> Self:
        letter = trial.letter
        return cls(
            id=letter.event_id,
            stream=letter.event.stream,
            passes=trial.passes,
            reason=trial.reason,
            field=trial.field,
        )


class ReplayOneAnswer(TrialAnswer):
    dry_run: bool


class ReplaySomeAnswer(BaseModel):
    """Those that would be rejected again stay open; `failures` are the first hundred of them."""

    dry_run: bool
    replayed: int
    failed: int
    failures: list[TrialAnswer]
    remaining: int = Field(description="that match and were not looked at yet")
    next_cursor: str | None

    @classmethod
    def of(cls, replayed: Replayed, *, dry_run: bool) -> Self:
        return cls(
            dry_run=dry_run,
            replayed=len(replayed.passed),
            failed=len(replayed.failed),
            failures=[TrialAnswer.of(each) for each in replayed.failed[:SHOWN_FAILURES]],
            remaining=replayed.remaining,
            next_cursor=None if replayed.cursor is None else str(replayed.cursor),
        )
