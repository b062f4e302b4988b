"""What findings of a replay make of what was told."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ad_contracts.events import AnomalyDetected
from ad_detection.domain.corrections import Corrector, Told, corrector_of, unpublishable
from ad_detection.domain.replays import Configuration, Replay, ReplayRequest
from tests.support.anomalies import anomaly

MODELS = ("pumps@1", "pumps@2", None)


def told(name: str, model: str | None, threshold: float = 2.0, **changes) -> AnomalyDetected:
    changes = {"threshold": threshold, "episode_id": name} | changes
    return anomaly(1, id=name, model_version=model, model=model and model.partition("@")[0], **changes)


def corrector(model: str | None = "pumps@2", overridden: bool = False, replay: str = "r1") -> Corrector:
    return Corrector(replay, "a", model, overridden, now_ms=77)


def after(stored: Sequence[Told], events: Sequence[AnomalyDetected]) -> list[Told]:
    """What the store makes of some events."""
    found = {each.event.id: each for each in stored}
    for event in events:
        if event.id in found:
            continue
        found[event.id] = Told(event)
        before = found.get(event.supersedes or "")
        if before is not None and before.superseded_by is None:
            found[before.event.id] = Told(before.event, event.id)
    return list(found.values())


def test_a_finding_of_which_nothing_was_told_is_told_as_the_live_path_would() -> None:
    found = told("b", "pumps@2")
    [event] = corrector().corrections([], found)
    assert event == replace(found, detected_time_ms=77)


def test_a_finding_by_another_model_supersedes_what_was_told() -> None:
    before, found = told("a", "pumps@1", score=9.0), told("b", "pumps@2")
    [event] = corrector().corrections([Told(before)], found)
    assert event == replace(found, detected_time_ms=77, supersedes="a")


def test_what_is_no_anomaly_by_the_replay_is_retracted_with_its_old_values() -> None:
    before = told("a", "pumps@1", score=9.0, episode_id="e")
    [event] = corrector(None).corrections([Told(before)], None)
    assert event.id != "a"
    changed = {"model": None, "model_version": None, "supersedes": "a", "retracted": True}
    assert event == replace(before, id=event.id, detected_time_ms=77, **changed)
    assert corrector("pumps@2").corrections([Told(before)], None)[0].model == "pumps"


def test_the_same_anomaly_is_not_told_again() -> None:
    found = told("a", "pumps@2")
    assert corrector().corrections([Told(replace(found, score=found.score + 1e-9))], found) == []


def test_what_was_told_by_other_settings_under_the_same_id_is_superseded() -> None:
    found = told("a", None)
    [event] = corrector(None).corrections([Told(replace(found, threshold=3.0))], found)
    assert event.id != "a"
    assert event.supersedes == "a"
    assert event.episode_id == event.id


def test_of_several_that_count_one_is_superseded_and_the_others_are_retracted() -> None:
    stored = [Told(told("a", "pumps@1")), Told(told("b", None))]
    first, second = corrector().corrections(stored, told("c", "pumps@2"))
    assert (first.id, first.supersedes, first.retracted) == ("c", "a", False)
    assert (second.supersedes, second.retracted) == ("b", True)


def test_what_goes_on_in_an_episode_follows_its_first_anomaly_to_its_new_id() -> None:
    own = corrector()
    first, later = told("a", "pumps@2"), told("b", "pumps@2", episode_id="a")
    [event] = own.corrections([Told(first, superseded_by="x")], first)
    [more] = own.corrections([], later)
    assert event.id == event.episode_id != "a"
    assert (more.id, more.episode_id) == ("b", event.id)


def test_what_goes_on_in_an_episode_whose_first_anomaly_stands_joins_the_episode_of_that() -> None:
    own = corrector()
    standing = told("a", "pumps@2", episode_id="earlier")
    first, later = replace(standing, episode_id="a"), told("b", "pumps@2", episode_id="a")
    assert own.corrections([Told(standing)], first) == []
    [more] = own.corrections([], later)
    assert more.episode_id == "earlier"


def test_an_overridden_configuration_has_ids_of_its_own_for_anomalies_and_episodes() -> None:
    own = corrector(overridden=True)
    before = told("a", "pumps@2")
    found = replace(before, threshold=1.0)
    [event] = own.corrections([Told(before)], found)
    assert event.supersedes == "a"
    assert event.id == event.episode_id != "a"
    [more] = own.corrections([], told("b", "pumps@2", 1.0, episode_id="a"))
    assert more.episode_id == event.id
    assert more.id not in ("b", event.id)
    assert own.corrections([Told(found)], found) == []


def test_parameters_of_its_own_are_told_although_id_and_threshold_are_those_of_the_live_path() -> None:
    live = told("a", None, score=5.0)
    [event] = corrector(None, overridden=True).corrections([Told(live)], replace(live, score=6.0))
    assert (event.supersedes, event.score) == ("a", 6.0)
    assert event.id != "a"


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str | None, bool, bool]]:
    """Publications one after the other: the model, whether its threshold is another one, whether it finds something."""
    one = st.tuples(st.sampled_from(MODELS), st.booleans(), st.booleans())
    return draw(st.lists(one, min_size=1, max_size=6))


@given(live=st.sampled_from([*MODELS, "nothing"]), history=histories(), cut=st.integers(0, 2))
def test_after_each_publication_what_counts_is_what_the_replay_found(
    live: str | None, history: list[tuple[str | None, bool, bool]], cut: int
) -> None:
    stored = [] if live == "nothing" else [Told(told(f"of {live}", live))]
    for number, (model, overridden, anomalous) in enumerate(history):
        own = corrector(model, overridden, f"r{number}")
        found = told(f"of {model}", model, 1.0 if overridden else 2.0) if anomalous else None
        events = own.corrections(stored, found)
        # It was broken off, and begun again before and after the store had taken what was sent.
        assert own.corrections(stored, found) == events
        stored = after(stored, events[:cut])
        stored = after(stored, own.corrections(stored, found))
        assert own.corrections(stored, found) == []
        counting = [each.event for each in stored if each.counts]
        assert [(each.model_version, each.threshold) for each in counting] == (
            [] if found is None else [(model, found.threshold)]
        )
        plain = [each for each in stored if each.event.id.startswith("of ")]
        assert all(each.event.threshold == 2.0 for each in plain)


def replay(
    kept: int = 3, alerts: int = 3, model: str | None = "pumps@2", whole: bool = True, **request
) -> Replay:
    own = {"kept": kept, "alerts": alerts, "model_version": model}
    spans = [{"partition": 1, "start": 0, "stop": 9, "whole": whole}]
    asked = ReplayRequest(stream="sensors", **{"source": "log"} | request)
    return Replay(
        id="r1", tenant="default", request=asked, requested_by="me", created_ms=0, owner="o", beat_ms=0,
        state="succeeded", result={"configurations": {"a": own}, "spans": spans},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("refused", "right"),
    [
        (replay(source="lake"), "source 'log'"),
        (replay(kept=2), "2 of them; replay a shorter range"),
        (replay(model=None, whole=False), "began partition 1 knowing nothing"),
        (replace(replay(), result={"configurations": {"a": {"kept": 0, "alerts": 0}}}), "again"),
    ],
)
def test_what_would_mislead_is_not_published(refused: Replay, right: str) -> None:
    assert right in (unpublishable(refused, "a") or "")


def test_a_model_or_a_warm_or_whole_detector_can_be_published() -> None:
    for fine in (
        replay(whole=False),
        replay(model=None),
        replay(model=None, whole=False, from_ms=5, warm_from_ms=1),
    ):
        assert unpublishable(fine, "a") is None
    assert "'a'" in (unpublishable(replay(), "b") or "")


@pytest.mark.parametrize(
    ("wanted", "overridden"),
    [
        (Configuration(), False),
        (Configuration(model="pumps", version=2), False),
        (Configuration(model="pumps", version=2, threshold=1.0), True),
        (Configuration(algorithm="ewma"), True),
        (Configuration(alert_probability=0.1), True),
    ],
)
def test_a_configuration_that_says_more_than_a_model_is_overridden(
    wanted: Configuration, overridden: bool
) -> None:
    own = corrector_of(replay(configurations=(wanted,)), "a", 5)
    assert own == Corrector("r1", "a", "pumps@2", overridden, 5)
