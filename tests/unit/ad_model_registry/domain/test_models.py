"""Deployments as a history: what a promotion, a rollback and a withdrawal make of it."""

from datetime import UTC, datetime

import pytest

from ad_model_registry.domain.models import (
    Deployed,
    Deployment,
    InvalidName,
    ModelVersion,
    Unfit,
    checked_name,
    promoted,
    require_fit,
    rolled_back,
    shadowed,
    withdrawn,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ONE, TWO, THREE = (Deployed("pumps", number, f"{number:064d}") for number in (1, 2, 3))


def history(*steps: Deployed | str | None) -> list[Deployment]:
    """Deployments after each step: a champion is promoted, None withdraws, "back" rolls back."""
    found = [Deployment("default", "sensors")]
    for step in steps:
        current = found[-1]
        if step == "back":
            parent = found[current.parent or 0]
            found.append(rolled_back(current, parent, "me", NOW))
        elif step is None:
            found.append(withdrawn(current, "me", NOW))
        else:
            found.append(promoted(current, step, "me", NOW))
    return found


@pytest.mark.parametrize(
    ("steps", "champion"),
    [
        ((ONE,), ONE),
        ((ONE, "back"), None),
        ((ONE, TWO, "back"), ONE),
        ((ONE, TWO, "back", "back"), None),
        ((ONE, TWO, "back", THREE, "back"), ONE),
        ((ONE, TWO, None), None),
        ((ONE, TWO, None, "back"), TWO),
    ],
)
def test_a_rollback_goes_to_what_was_there_before_the_promotion(steps, champion) -> None:
    assert history(*steps)[-1].champion == champion


def test_every_change_has_the_next_revision_and_names_what_it_replaced() -> None:
    found = history(ONE, TWO, "back")
    assert [each.revision for each in found] == [0, 1, 2, 3]
    assert [each.previous for each in found] == [None, None, ONE, TWO]


def test_promoting_what_is_there_already_changes_nothing() -> None:
    current = history(ONE)[-1]
    assert promoted(current, ONE, "me", NOW) is current


def test_challengers_change_the_revision_and_nothing_that_scores() -> None:
    current = history(ONE)[-1]
    changed = shadowed(current, (TWO, THREE), "you", NOW)
    assert (changed.revision, changed.champion, changed.challengers) == (2, ONE, (TWO, THREE))
    assert (changed.parent, changed.previous, changed.changed_by) == (current.parent, None, "you")
    assert shadowed(changed, (TWO, THREE), "you", NOW) is changed
    assert changed.holds("pumps", 1)
    assert changed.holds("pumps", 3)
    assert not current.holds("pumps", 2)


def test_a_challenger_that_becomes_champion_leaves_the_shadow_and_the_others_stay() -> None:
    shadow = shadowed(history(ONE)[-1], (TWO, THREE), "me", NOW)
    champion = promoted(shadow, TWO, "me", NOW)
    assert (champion.champion, champion.challengers) == (TWO, (THREE,))
    back = rolled_back(shadowed(champion, (ONE, THREE), "me", NOW), shadow, "me", NOW)
    assert (back.champion, back.challengers) == (ONE, (THREE,))
    assert withdrawn(shadow, "me", NOW).challengers == ()


@pytest.mark.parametrize(
    ("challengers", "reason"),
    [
        ((ONE,), "pumps@1 is the champion of stream 'sensors'"),
        ((TWO, TWO), "pumps@2 stands twice"),
        (
            tuple(Deployed("pumps", number, "") for number in (2, 3, 4, 5)),
            "at most 3 challengers; these are 4",
        ),
    ],
)
def test_what_cannot_stand_in_the_shadow_is_refused(challengers, reason) -> None:
    with pytest.raises(Unfit, match=reason):
        shadowed(history(ONE)[-1], challengers, "me", NOW)


@pytest.mark.parametrize("name", ["", "Pumps", "1pumps", "pumps/../x", "a" * 64, "pumps@1", "pümps"])
def test_a_name_that_cannot_stand_in_an_address_is_refused(name: str) -> None:
    with pytest.raises(InvalidName, match="a small letter"):
        checked_name(name)


def test_a_model_is_not_put_on_a_stream_without_its_features() -> None:
    version = ModelVersion(
        "default", "pumps", 1, "zscore", "0" * 64, 1, ("heat", "load"), {}, {}, None, "me", NOW
    )
    require_fit(version, "sensors", frozenset({"load", "heat", "more"}))
    with pytest.raises(Unfit, match="pumps@1 needs the fields heat, which stream 'sensors'"):
        require_fit(version, "sensors", frozenset({"load"}))


def test_a_series_detector_scores_no_stream() -> None:
    version = ModelVersion(
        "default", "pumps", 1, "series_auto", "0" * 64, 1, ("load",), {}, {}, None, "me", NOW
    )
    with pytest.raises(Unfit, match="pumps@1 is of series_auto, a series detector"):
        require_fit(version, "sensors", frozenset({"load"}))
