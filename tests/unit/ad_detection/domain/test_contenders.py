"""Configurations in the form in which the live path takes them."""

import numpy as np
import pytest

from ad_data.schema import Field, StreamSchema
from ad_detection.domain.contenders import ConfigurationError, accepted_schema, configured, with_model
from ad_detection.domain.control import StreamSettings
from ad_detection.domain.replays import Configuration
from ad_detectors.model import Model
from tests.support.records import SENSORS, sensor_rule

OWN = StreamSettings(algorithm="adaptive", parameters={"size": "light"}, alert_probability=1e-4)


def test_nothing_said_is_the_stream_as_it_is_now() -> None:
    for rule in (sensor_rule(), sensor_rule(model="pumps", version=3)):
        assert configured(rule, Configuration()) == rule


def test_a_model_takes_the_place_of_what_scores_now() -> None:
    assert configured(sensor_rule(), Configuration(model="pumps", version=4)).model_version == "pumps@4"


def test_another_detector_begins_with_its_own_parameters_and_the_same_one_with_those_of_the_stream() -> None:
    rule = sensor_rule(settings=OWN, model="pumps", version=3)
    other = configured(rule, Configuration(algorithm="ewma"))
    assert (other.model, other.settings) == (None, StreamSettings(algorithm="ewma"))
    same = configured(rule, Configuration(alert_probability=1e-3)).settings
    assert (same.algorithm, same.parameters, same.alert_probability) == ("adaptive", {"size": "light"}, 1e-3)


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        (Configuration(model="pumps", version=1, algorithm="ewma"), "give `model`"),
        (Configuration(algorithm="magic"), "valid choices"),
        (Configuration(parameters={"colour": 1}), "colour"),
        (Configuration(threshold=3.0), "alert_probability"),
    ],
)
def test_what_contradicts_itself_is_refused_with_what_would_be_right(wanted, word) -> None:
    with pytest.raises(ConfigurationError, match=word):
        configured(sensor_rule(), wanted)


def test_a_model_may_get_another_threshold_and_must_know_the_features() -> None:
    rows = np.random.default_rng(0).normal(size=(200, 2))
    model = Model.train("zscore", rows, ["load", "heat"])
    rule = sensor_rule(model="pumps", version=1)
    contender = with_model(rule, model, Configuration(model="pumps", version=1, threshold=9.0))
    assert contender.models[rule.key].threshold == 9.0
    assert model.threshold < 9.0
    stranger = Model.train("zscore", rows, ["load", "colour"])
    with pytest.raises(ConfigurationError, match="needs colour"):
        with_model(rule, stranger, Configuration())


def test_accepted_records_bring_their_time_and_are_never_too_old() -> None:
    timed = StreamSchema(fields=(Field("at", "timestamp"), Field("x")), timestamp="at", max_age_seconds=5)
    assert accepted_schema(timed) == StreamSchema(fields=timed.fields, timestamp="at")
    untimed = accepted_schema(SENSORS)
    assert (untimed.timestamp, untimed.features, untimed.entity) == ("arrival", SENSORS.features, "sensor")
    taken = StreamSchema(fields=(Field("arrival"), Field("arrival_")))
    assert accepted_schema(taken).timestamp == "arrival__"
