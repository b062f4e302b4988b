"""Batch detectors: scores of ordinary and of peculiar values."""

import numpy as np

from ad_detectors import catalog
from ad_detectors.checks.expect import expect, ordinary, peculiar, same_bits, ties

SPLITS = (1, 7, 8, 9, 64, 399)


def scores_of_peculiar_values_are_finite(name: str) -> None:
    """Whatever was trained on and whatever is scored."""
    tables = peculiar()
    for trained, table in tables.items():
        detector = catalog.create(name).fit(table)
        others = [other for other in tables.values() if other.shape[1] == table.shape[1]]
        for other in others:
            scores = detector.score(other)
            expect(scores.shape == (len(other),), f"{name} gave {scores.shape} scores for {len(other)} rows")
            expect(np.isfinite(scores).all(), f"{name} trained on {trained} gave a score that is not finite")
            parts = detector.explain(other).contributions
            expect(np.isfinite(parts).all(), f"{name} trained on {trained} explains with values not finite")


def score_does_not_depend_on_the_batch(name: str) -> None:
    """One row alone, in any split and in any order: bit-equal."""
    rows = ordinary()
    detector = catalog.create(name).fit(rows[:300])
    together = detector.score(rows)
    for size in SPLITS:
        parts = [detector.score(rows[start : start + size]) for start in range(0, len(rows), size)]
        expect(same_bits(np.concatenate(parts), together), f"{name}: batches of {size} give other scores")
    order = np.random.default_rng(1).permutation(len(rows))
    expect(same_bits(detector.score(rows[order]), together[order]), f"{name}: the order of rows matters")


def outlier_scores_higher_than_ordinary_rows(name: str) -> None:
    """Higher is more anomalous, in either direction and in each feature."""
    rows = ordinary()
    detector = catalog.create(name).fit(rows)
    usual = detector.score(rows)
    high = np.quantile(usual, 0.9)
    for feature in range(rows.shape[1]):
        for side in (-1.0, 1.0):
            strange = rows.mean(axis=0)
            strange[feature] += side * 12.0 * rows[:, feature].std()
            score = detector.score(strange.reshape(1, -1))[0]
            alike = ties(usual) if score == high else ""
            expect(
                score > high,
                f"{name}: an outlier of feature {feature} scores {score:.6g}, not above the {high:.6g} of "
                f"nine ordinary rows in ten{alike}",
            )


def outlier_is_explained_by_its_feature_wherever_it_stands(name: str) -> None:
    """Permuting the features permutes the explanation."""
    rows = ordinary()
    strange = rows.mean(axis=0)
    strange[1] += 12.0 * rows[:, 1].std()
    for order in ([0, 1, 2], [1, 2, 0], [2, 0, 1]):
        explanation = catalog.create(name).fit(rows[:, order]).explain(strange[order].reshape(1, -1))
        found = order[int(np.argmax(explanation.contributions[0]))]
        expect(found == 1, f"{name}: feature {found} is blamed for an outlier of feature 1 in order {order}")


def missing_value_counts_as_the_expected_value(name: str) -> None:
    """NaN at scoring is the same as the value that explanations expect."""
    rows = ordinary()
    detector = catalog.create(name).fit(rows)
    lacking = rows[:20].copy()
    lacking[:, 1] = np.nan
    filled = lacking.copy()
    filled[:, 1] = detector.explain(lacking).expected[:, 1]
    expect(
        same_bits(detector.score(lacking), detector.score(filled)), f"{name}: NaN is not the expected value"
    )
    masked = np.ma.masked_array(rows[:20], np.isnan(lacking))
    expect(same_bits(detector.score(masked), detector.score(filled)), f"{name} scores what is masked")


def whole_numbers_and_booleans_score_as_their_values(name: str) -> None:
    """The type of the input does not matter."""
    rows = ordinary().round()
    detector = catalog.create(name).fit(rows)
    for kind in (np.int64, np.int32, np.float64):
        expect(
            same_bits(detector.score(rows.astype(kind)), detector.score(rows)), f"{name}: {kind} scores else"
        )
    truth = rows > rows.mean(axis=0)
    expect(same_bits(detector.score(truth), detector.score(truth.astype(float))), f"{name}: bool scores else")


VALUES = (
    scores_of_peculiar_values_are_finite,
    score_does_not_depend_on_the_batch,
    outlier_scores_higher_than_ordinary_rows,
    outlier_is_explained_by_its_feature_wherever_it_stands,
    missing_value_counts_as_the_expected_value,
    whole_numbers_and_booleans_score_as_their_values,
)
