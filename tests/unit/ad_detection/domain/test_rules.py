"""Rules out of events."""

import msgspec
import pytest

from ad_data.errors import SchemaError
from ad_detection.domain.control import StreamSettings
from ad_detection.domain.rules import rule_of
from tests.unit.ad_detection.domain.test_control import stream


def test_a_rule_has_the_schema_and_the_settings_of_its_event() -> None:
    rule = rule_of(stream(3))
    assert rule.schema.entity == "sensor"
    assert rule.settings == StreamSettings(publish_scores=True)
    assert rule.revision == 3


@pytest.mark.parametrize(
    "change",
    [
        {"schema_json": "{}"},
        {"settings_json": '{"publish_scores": 7}'},
        {"settings_json": "{"},
        {"settings_json": '{"max_entities": 0}'},
        {"settings_json": '{"allowed_lateness_seconds": -1}'},
        {"settings_json": '{"silence_seconds": 0.5}'},
        {"settings_json": '{"algorithm": "iforest"}'},
        {"settings_json": '{"algorithm": "ewma", "parameters": {"size": "light"}}'},
    ],
)
def test_an_event_without_a_usable_schema_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(SchemaError):
        rule_of(msgspec.structs.replace(stream(1), **change))
