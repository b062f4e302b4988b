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
        ({}, "size: 5,000 rows of 3 features"),
        ({"rows": 1, "studied": 1, "features": 1}, "size: 1 row of 1 feature"),
        ({"studied": 2000}, "2,000 of them"),
        ({}, "duplicates: none;"),
        ({"distinct": 0.25}, "duplicates: 75 % of rows;"),
        ({"distinct": 0.9996}, "duplicates: 0.04 % of rows;"),
        ({}, "sparsity: none;"),
        ({"coarse": 1}, "sparsity: 1 feature;"),
        ({"coarse": 2}, "sparsity: 2 features;"),
        ({"far": 0.125}, "tails: 12 % of values;"),
        ({"far": 0.00001}, "tails: less than 0.01 % of values;"),
        ({"far": 0.0}, "tails: 0 % of values;"),
        ({}, "structure: global; what is far out is also lonely"),
        ({"agreement": 0.4}, "agree on 40 % of the strangest tenth"),
        ({"agreement": 0.4}, "structure: local;"),
        ({}, "foretold 80 %"),
        ({}, "trees: weight 0.64;"),
        ({"foretold": 0.2, "weight": 0.04}, "mostly particular to single rows"),
        ({"foretold": 0.0, "weight": 0.0}, "trees: not used"),
    ],
)
def test_what_was_seen_is_said(changed, word) -> None:
    assert any(word in sentence for sentence in replace(SEEN, **changed).sentences())


def test_what_was_seen_stands_before_what_follows() -> None:
    for sentence in replace(SEEN, studied=10, distinct=0.5, coarse=1).sentences():
        topic, _, rest = sentence.partition(": ")
        finding, _, follows = rest.partition("; ")
        assert topic.isalpha()
        assert len(finding) < 30
        assert follows


def test_agreement_is_the_share_of_the_strangest_that_are_strange_for_both() -> None:
    one = np.arange(100.0)
    assert agreement(one, -one) == 0.0
    assert agreement(one, np.where(one >= 95, one, -one)) == 0.5
