"""Streams and deployments, told in any order, give the same rules."""

import pytest
from msgspec import structs

from ad_contracts.events import ChallengerVersion, DeploymentChanged, StreamChanged
from ad_detection.domain.control import (
    Control,
    with_deployment,
    with_stream,
    without_deployment,
    without_stream,
)
from ad_detection.domain.rules import rule_of
from tests.support.records import SENSORS

KEY = ("default", "sensors")


def stream(
    revision: int, *, deleted: bool = False, topic: str = "records.default", generation: int = 1
) -> StreamChanged:
    return StreamChanged(
        tenant="default",
        stream="sensors",
        revision=revision,
        deleted=deleted,
        topic=topic,
        schema_json=SENSORS.to_json(),
        settings_json='{"publish_scores": true}',
        changed_time_ms=0,
        generation=generation,
    )


def deployment(revision: int, version: int | None) -> DeploymentChanged:
    return DeploymentChanged(
        tenant="default",
        stream="sensors",
        revision=revision,
        model="pumps" if version else None,
        version=version,
        changed_by="me",
        changed_time_ms=0,
    )


def after(*events: StreamChanged | DeploymentChanged) -> Control:
    control = Control()
    for event in events:
        if isinstance(event, StreamChanged):
            control = with_stream(control, event, rule_of(event))
        else:
            control = with_deployment(control, event)
    return control


@pytest.mark.parametrize(
    "events",
    [
        (stream(1), deployment(1, 1), deployment(2, 2)),
        (deployment(1, 1), stream(1), deployment(2, 2)),
        (deployment(1, 1), deployment(2, 2), stream(1)),
    ],
)
def test_the_order_between_streams_and_deployments_does_not_matter(events) -> None:
    assert after(*events).rules[KEY].model_version == "pumps@2"


@pytest.mark.parametrize("last", [None, 2])
def test_a_stream_that_is_made_anew_has_the_champion_of_its_name_whichever_topic_is_read_first(last) -> None:
    streams = [stream(1), stream(2, deleted=True), stream(3)]
    deployments = [deployment(1, 1), deployment(2, last)]
    live = after(streams[0], deployments[0], streams[1], streams[2], deployments[1])
    assert live.rules[KEY].version == last
    assert after(*streams, *deployments) == after(*deployments, *streams) == live
    assert after(streams[0], deployments[0], *streams[1:]).rules[KEY].version == 1


def test_an_older_revision_changes_nothing() -> None:
    control = after(stream(2), deployment(5, 2))
    assert with_deployment(control, deployment(4, 1)) is control
    old = stream(1, topic="elsewhere")
    assert with_stream(control, old, rule_of(old)) is control


def test_a_changed_stream_keeps_its_champion() -> None:
    assert after(stream(1), deployment(1, 1), stream(2)).rules[KEY].model_version == "pumps@1"


def test_a_deleted_stream_has_no_rule() -> None:
    assert after(stream(1), stream(2, deleted=True)).rules == {}


def test_a_withdrawn_model_leaves_the_streaming_detector() -> None:
    assert after(stream(1), deployment(1, 1), deployment(2, None)).rules[KEY].model_version is None


def test_rules_are_found_by_topic() -> None:
    control = after(stream(1, topic="own"))
    assert set(control.on_topic("own")) == {KEY}
    assert control.on_topic("records.default") == {}
    assert control.topics() == {"own"}
    assert control.tenants() == {"default"}


def test_challengers_belong_to_the_deployment_whichever_topic_is_read_first() -> None:
    told = [ChallengerVersion(model="pumps", version=number, artifact_sha256="") for number in (2, 3)]
    shadow = structs.replace(deployment(2, 1), challengers=told)
    assert after(stream(1), shadow) == after(shadow, stream(1))
    rule = after(stream(1), shadow).rules[KEY]
    assert [challenger.reference for challenger in rule.challengers] == ["pumps@2", "pumps@3"]
    assert after(stream(1), shadow, stream(2)).rules[KEY].challengers == rule.challengers
    assert after(stream(1), shadow, deployment(3, 2)).rules[KEY].challengers == ()


def test_a_stream_and_a_deployment_that_are_erased_are_as_if_they_had_never_been() -> None:
    control = after(stream(1), deployment(3, 1))
    without = without_deployment(without_stream(control, KEY), KEY)
    assert without == Control()
    assert without_stream(without, KEY) is without
    # The name begins anew: its revisions do too.
    assert (
        with_deployment(with_stream(without, stream(1), rule_of(stream(1))), deployment(1, 2))
        .rules[KEY]
        .model_version
        == "pumps@2"
    )


def test_a_stream_without_a_schema_is_there_and_has_no_rule() -> None:
    event = structs.replace(stream(1), schema_json="")
    control = with_stream(Control(), event, None)
    assert (control.generation(*KEY), control.rule(*KEY)) == (1, None)
    fixed = with_stream(control, stream(2), rule_of(stream(2)))
    assert (fixed.generation(*KEY), fixed.waiting, fixed.rules.keys()) == (1, {}, {KEY})
    gone = with_stream(control, structs.replace(event, revision=2, deleted=True), None)
    assert gone.generation(*KEY) is None
    assert without_stream(control, KEY).generation(*KEY) is None


def test_what_is_made_anew_is_another_and_what_was_deleted_counts_no_more() -> None:
    assert after(stream(1)).first == {}
    assert after(stream(1), stream(2, deleted=True)).first == {KEY: 2}
    again = after(stream(1), stream(2, deleted=True), stream(3, generation=2))
    assert (again.rules[KEY].generation, again.first) == (2, {KEY: 2})
    assert after(stream(3, generation=2)).first == {KEY: 2}, "the deletion was compacted away"
    assert without_stream(again, KEY).first == {}
