"""Who asked the wrong class is shown the right one."""

import doctest
import re

import numpy as np
import pytest

from ad_detectors import catalog
from ad_detectors.errors import UnknownDetectorError
from anomaly_detection import AnomalyDetector, StreamDetector
from anomaly_detection.kinds import check_kind, use_of

ANSWERS = {"AnomalyDetector": "AnomalyDetector(...)", "StreamDetector": "StreamResult(...)"}
TIMES = np.arange(100)
KNOWN = {
    "AnomalyDetector": AnomalyDetector,
    "StreamDetector": StreamDetector,
    "rows": np.random.default_rng(0).normal(size=(100, 1)),
    "reference": np.random.default_rng(1).normal(size=(300, 1)),
    "time_ms": TIMES,
    "sources": TIMES % 7,
    "destinations": TIMES % 5,
}


@pytest.mark.parametrize("entry", catalog.ENTRIES.values(), ids=lambda entry: entry.name)
def test_the_line_of_use_runs_as_it_stands(entry) -> None:
    line = re.fullmatch(r"use (\w+), as in `(.+)`", use_of(entry))
    assert line is not None
    assert line[1] in line[2]
    text = f">>> {line[2]}\n{ANSWERS.get(line[1], '')}\n"
    example = doctest.DocTestParser().get_doctest(text, dict(KNOWN), entry.name, None, None)
    outcome = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example)
    assert (outcome.attempted, outcome.failed) == (1, 0)


@pytest.mark.parametrize("entry", catalog.ENTRIES.values(), ids=lambda entry: entry.name)
def test_a_detector_of_another_kind_is_refused_with_its_use_and_the_valid_names(entry) -> None:
    check_kind(entry.name, (entry.kind,))
    others = tuple(kind for kind in ("batch", "series", "streaming") if kind != entry.kind)
    with pytest.raises(UnknownDetectorError) as caught:
        check_kind(entry.name, others)
    valid = [name for name in catalog.names() if catalog.get(name).kind in others]
    assert str(caught.value) == (
        f"{entry.name!r} is a {entry.kind} detector: {use_of(entry)}; valid here: {', '.join(valid)}"
    )


def test_unknown_names_are_left_to_the_catalogue() -> None:
    check_kind("magic", ("batch",))
