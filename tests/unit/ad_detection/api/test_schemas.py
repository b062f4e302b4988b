"""Bodies of detection, and the examples that the documentation shows of them."""

import numpy as np
import pytest
from pydantic import ValidationError

from ad_detection.api.schemas import EXAMPLES, DetectRequest
from ad_detection.usecases.detect_rows import table_of
from ad_detectors.model import Model


def test_the_examples_of_the_documentation_are_valid_and_find_the_leak() -> None:
    shown = DetectRequest.model_json_schema()["examples"]
    by_algorithm, by_model = map(DetectRequest.model_validate, shown)
    assert by_model.model == "pumps@3"
    table = table_of(by_algorithm.data)
    model = Model.train(
        by_algorithm.algorithm, table.features, table.names, contamination=by_algorithm.contamination
    )
    assert np.flatnonzero(model.score(table.features).label).tolist() == [3]


def test_an_example_does_not_let_unknown_fields_pass() -> None:
    with pytest.raises(ValidationError, match="colour"):
        DetectRequest.model_validate({**EXAMPLES[0], "colour": "red"})
