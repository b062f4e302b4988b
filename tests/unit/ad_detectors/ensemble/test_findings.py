"""What was seen is said in words that fit."""

from dataclasses import replace

import numpy as np
import pytest

from ad_detectors.ensemble.findings import Findings, agreement

SEEN = Findings(
    rows=5000,
    studied=5000,
    features=3,
    distinct=1.0,
    coarse=0,
    far=0.01,
    agreement=0.9,
    foretold=0.8,
    weight=0.64,
)


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({}, "size: 5,000 rows of 3 feature(s)"),
        ({"studied": 2000}, "2,000 of them"),
        ({"distinct": 0.25}, "25% of the rows are different"),
        ({}, "sparsity: none"),
        ({"coarse": 2}, "2 feature(s) are mostly one value"),
        ({"far": 0.125}, "12.50% of the values"),
        ({}, "structure: global"),
        ({"agreement": 0.4}, "structure: local"),
        ({}, "foretold 80%"),
        ({"foretold": 0.2, "weight": 0.04}, "mostly particular to single rows"),
        ({"foretold": 0.0, "weight": 0.0}, "trees: not used"),
    ],
)
def test_what_was_seen_is_said(changed, word) -> None:
    assert any(word in sentence for sentence in replace(SEEN, **changed).sentences())


def test_agreement_is_the_share_of_the_strangest_that_are_strange_for_both() -> None:
    one = np.arange(100.0)
    assert agreement(one, -one) == 0.0
    assert agreement(one, np.where(one >= 95, one, -one)) == 0.5
