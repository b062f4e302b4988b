"""A class for each algorithm."""

import inspect
import pickle

import pytest

import anomaly_detection
from ad_detectors import catalog
from ad_detectors.errors import ParameterError
from anomaly_detection.named import named

FITTED = [entry for entry in catalog.ENTRIES.values() if entry.kind in {"batch", "series"}]


@pytest.mark.parametrize("entry", FITTED, ids=lambda entry: entry.name)
def test_every_fitted_algorithm_has_a_class_that_tells_its_parameters(entry) -> None:
    kind = getattr(anomaly_detection, entry.class_name)
    assert kind is named(entry.name)
    assert entry.class_name in dir(anomaly_detection)
    assert entry.summary in kind.__doc__
    assert list(inspect.signature(kind).parameters) == ["contamination", *(d.name for d in entry.parameters)]
    assert kind().algorithm == entry.name


def test_a_class_takes_no_other_algorithm_and_no_unknown_parameter() -> None:
    with pytest.raises(ParameterError, match="use AnomalyDetector"):
        named("zscore")().set_params(algorithm="iqr")
    with pytest.raises(ParameterError, match="'leaves' of isolation_forest; valid parameters: trees"):
        named("isolation_forest")(leaves=3)


def test_an_instance_can_be_sent_to_another_process() -> None:
    again = pickle.loads(pickle.dumps(named("iqr")(contamination=0.2)))
    assert (type(again), again.contamination) == (named("iqr"), 0.2)


@pytest.mark.parametrize("entry", FITTED, ids=lambda entry: entry.name)
def test_the_contamination_is_never_taken_for_a_parameter_of_the_algorithm(entry) -> None:
    """`KNN(5)` would be a contamination of 5, where five neighbours were meant."""
    with pytest.raises(
        TypeError, match=f"^{entry.class_name} takes its parameters by name, not 5; for example"
    ):
        named(entry.name)(5)
    kinds = {each.kind for each in inspect.signature(named(entry.name)).parameters.values()}
    assert kinds == {inspect.Parameter.KEYWORD_ONLY}
