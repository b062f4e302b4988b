"""Figures against labels, compared with scikit-learn's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from ad_detectors.errors import DataError
from ad_detectors.evaluation import evaluate

PAIRS = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=60)


@given(PAIRS)
def test_figures_agree_with_scikit_learn(pairs) -> None:
    truth, scores = (np.array(column) for column in zip(*pairs, strict=True))
    labels = scores > 2
    found = evaluate(truth, labels, scores)
    assert found.precision == pytest.approx(metrics.precision_score(truth, labels, zero_division=0))
    assert found.recall == pytest.approx(metrics.recall_score(truth, labels, zero_division=0))
    assert found.f1 == pytest.approx(metrics.f1_score(truth, labels, zero_division=0))
    if truth.all() or not truth.any():
        assert found.auroc is found.average_precision is None
    else:
        assert found.auroc == pytest.approx(metrics.roc_auc_score(truth, scores))
        assert found.average_precision == pytest.approx(metrics.average_precision_score(truth, scores))


def test_the_confusion_table_counts_every_row() -> None:
    found = evaluate([1, 1, 0, 0, 0], [1, 0, 1, 0, 0], [5, 1, 4, 0, 0])
    table = (found.true_positives, found.false_negatives, found.false_positives, found.true_negatives)
    assert table == (1, 1, 1, 2)


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(DataError, match="must match"):
        evaluate([1, 0], [1], [0.5])
