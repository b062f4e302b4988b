"""Publishing what a replay found: both sides are read in the order of the log, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from ad_chassis.errors import Conflict
from ad_contracts.events import AnomalyDetected
from ad_detection.domain.corrections import Told
from ad_detection.domain.replays import Publication, Replay, ReplayRequest, Span
from ad_detection.ports import Page, ToldPage
from ad_detection.usecases import publish_replay as module
from ad_detection.usecases.publish_replay import PublishTools, publish_replay
from tests.support.anomalies import anomaly

BEGUN = Publication(configuration="a", requested_by="me", started_ms=1, updated_ms=1)


@dataclass
class World:
    """What the replay found and what is stored, by place: partition, offset, row."""

    found: list[tuple[int, int, int]]
    stored: list[tuple[int, int, int]]
    sent: list[AnomalyDetected] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    progress: list[float] = field(default_factory=list)
    kept: int | None = None
    silences: int = 0

    async def page(self, replay: Replay, name: str, limit: int, cursor: str | None) -> Page:
        items = [_at("new", place, model_version="m@2") for place in self.found]
        items += [anomaly(number, kind="silence") for number in range(self.silences)]
        start = int(cursor or 0)
        return Page(items[start : start + limit], _next(items, start, limit))

    async def of_records(self, key: tuple[str, str], span: Span, limit: int, cursor: str | None) -> ToldPage:
        assert key == ("default", "sensors")
        self.asked.append(limit)
        items = [
            Told(_at("old", (partition, offset, row), model_version="m@1"))
            for partition, offset, row in self.stored
            if partition == span.partition and span.start <= offset < span.stop
        ]
        start = int(cursor or 0)
        return ToldPage(items[start : start + limit], _next(items, start, limit))

    def messages(self, results: Any, traceparent: str | None = None) -> list[Any]:
        return list(results.anomalies)

    async def send(self, messages: Sequence[Any]) -> None:
        self.sent += messages
        self.calls.append(len(messages))

    async def tell(self, publication: Publication) -> None:
        self.progress.append(publication.progress)

    async def publish(self, *spans: tuple[int, int, int]) -> Publication:
        count = len(self.found) + self.silences if self.kept is None else self.kept
        replay = Replay(
            id="r1", tenant="default", request=ReplayRequest(stream="sensors", source="log"), created_ms=0,
            requested_by="me", owner="o", beat_ms=0, state="succeeded",
            result={
                "configurations": {"a": {"kept": count, "alerts": count, "model_version": "m@2"}},
                "spans": [
                    {"partition": partition, "start": start, "stop": stop, "whole": True}
                    for partition, start, stop in spans
                ],
            },
        )  # fmt: skip
        tools = PublishTools(self, self, self, self.send, lambda: 5)  # type: ignore[arg-type]
        return await publish_replay(replay, BEGUN, tools, self.tell)


def _at(name: str, place: tuple[int, int, int], **fields: Any) -> AnomalyDetected:
    partition, offset, row = place
    return anomaly(1, id=f"{name} {place}", partition=partition, offset=offset, row=row, **fields)


def _next(items: Sequence[Any], start: int, limit: int) -> str | None:
    return str(start + limit) if start + limit < len(items) else None


@pytest.mark.parametrize("page", [1, 2, 100])
async def test_each_record_of_either_side_is_corrected_once_in_the_order_of_the_log(
    page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", page)
    monkeypatch.setattr(module, "PART", 2)
    both, new, old = [(0, 3, 1), (1, 4, 0)], [(0, 3, 0), (1, 9, 2)], [(0, 2, 5), (0, 3, 2), (1, 9, 1)]
    world = World(sorted(both + new), sorted(both + old))
    done = await world.publish((0, 0, 4), (1, 4, 10))
    assert [(each.partition, each.offset, each.row) for each in world.sent] == sorted(both + new + old)
    said = {(each.partition, each.offset, each.row): (each.supersedes, each.retracted) for each in world.sent}
    assert said == (
        {place: (f"old {place}", False) for place in both}
        | dict.fromkeys(new, (None, False))
        | {place: (f"old {place}", True) for place in old}
    )
    assert (done.anomalies, done.retracted, done.unchanged, done.progress) == (4, 3, 0, 1.0)
    assert world.calls == [2, 2, 2, 1]
    assert max(world.asked) == page
    assert world.progress == sorted(world.progress)
    assert world.progress[-1] < 1.0


async def test_what_is_stored_of_records_outside_is_left_alone() -> None:
    world = World([], [(0, 2, 0), (0, 9, 0), (2, 3, 0)])
    done = await world.publish((0, 3, 9))
    assert (world.sent, done.progress) == ([], 1.0)


async def test_silences_are_no_records_and_are_not_published() -> None:
    world = World([(0, 3, 0)], [], silences=2)
    assert (await world.publish((0, 0, 9))).anomalies == 1
    assert [each.kind for each in world.sent] == ["record"]


async def test_findings_that_are_missing_end_it_before_anything_is_retracted_for_them() -> None:
    world = World([(0, 1, 0)], [(0, 5, 0)], kept=2)
    with pytest.raises(Conflict, match="replay the range again"):
        await world.publish((0, 0, 9))
    assert world.sent == []
