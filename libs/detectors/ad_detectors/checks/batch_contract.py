"""Batch detectors: what they promise beyond the values of scores."""

from functools import partial
from typing import Any

import numpy as np

from ad_detectors import catalog
from ad_detectors.artifact import SigningKey, TrustedKeys, load_bytes, save_bytes
from ad_detectors.checks.expect import expect, expect_refusal, expect_share, ordinary, peculiar, same_bits
from ad_detectors.model import Model


def input_is_never_changed(name: str) -> None:
    """Not by fitting, scoring or explaining; read-only, strided and Fortran-ordered input is welcome."""
    rows = peculiar()["missing values"]
    before = rows.tobytes()
    rows.setflags(write=False)
    detector = catalog.create(name).fit(rows)
    detector.explain(rows)
    scores = detector.score(rows)
    expect(rows.tobytes() == before, f"{name} changed its input")
    expect(same_bits(detector.score(np.asfortranarray(rows)), scores), f"{name}: the memory order matters")
    expect(same_bits(detector.score(rows[::2]), scores[::2]), f"{name}: strided input scores else")


def fitting_twice_gives_the_same_scores(name: str) -> None:
    """Same data, same parameters, same seed: bit-equal."""
    rows = ordinary()
    first, second = (catalog.create(name).fit(rows).score(rows) for _ in range(2))
    expect(same_bits(first, second), f"{name} is not deterministic")


def artifact_keeps_every_bit(name: str) -> None:
    """Saved and loaded, a model scores, calibrates and explains the same."""
    key = SigningKey.generate()
    for title, table in peculiar().items():
        model = Model.train(name, table)
        data = save_bytes(model, key)
        again = load_bytes(data, TrustedKeys([key.public]))
        before, after = model.score(table), again.score(table)
        same = same_bits(before.score, after.score) and same_bits(before.probability, after.probability)
        parts = same_bits(before.explain().contributions, after.explain().contributions)
        expect(same and parts, f"{name} trained on {title} scores differently after loading")
        expect(again.threshold == model.threshold, f"{name} forgot its threshold")
        expect(save_bytes(again, key) == data, f"{name} is saved differently after loading")


def explanation_adds_up_to_the_score(name: str) -> None:
    """baseline + contributions = score, and expected values lie within their bounds."""
    rows = np.vstack([ordinary(), 10.0 * ordinary(20)])
    detector = catalog.create(name).fit(ordinary())
    explanation = detector.explain(rows)
    total = explanation.baseline + explanation.contributions.sum(axis=1)
    expect(
        np.allclose(total, detector.score(rows), rtol=1e-9, atol=1e-9), f"{name}: explanations do not add up"
    )
    within = (explanation.lower <= explanation.expected) & (explanation.expected <= explanation.upper)
    expect(
        within.all() and within.shape == rows.shape, f"{name}: an expected value lies outside of its bounds"
    )


def probability_falls_as_the_score_rises(name: str) -> None:
    """In (0, 1], never growing with the score, 1 for the lowest and small far out."""
    detector = catalog.create(name).fit(ordinary())
    scores = np.sort(np.concatenate([detector.score(ordinary(seed=3)), np.linspace(0, 5, 500)]))
    probability = detector.probability(scores)
    expect(((probability > 0) & (probability <= 1)).all(), f"{name}: a probability is outside of (0, 1]")
    expect((np.diff(probability) <= 0).all(), f"{name}: a higher score has a higher probability")
    far = detector.probability(detector.score(1000.0 * ordinary(1)))[0]
    expect(far < 0.01, f"{name}: a row far out has the probability {far}")
    text: Any = ["a"]
    expect_refusal(lambda: detector.probability(text), ("'scores'", "'a'", "valid"), "scores of text")
    expect_refusal(lambda: detector.probability([np.nan]), ("'scores'", "nan", "valid"), "a score of NaN")


def contamination_is_the_share_of_training_rows_above(name: str) -> None:
    """So ordinary rows must not score alike."""
    rows = ordinary(1000)
    for contamination in (0.01, 0.05, 0.1, 0.5):
        model = Model.train(name, rows, contamination=contamination)
        expect_share(name, model.score(rows).score, model.threshold, contamination)
    for wrong in (0.0, -0.1, 0.6, float("nan")):
        train = partial(Model.train, name, rows, contamination=wrong)
        expect_refusal(train, ("contamination", "0.5"), f"contamination {wrong}")


def unusable_data_is_refused_with_the_reason(name: str) -> None:
    """Wrong width, emptiness, text, wrong shape, scoring before fitting."""
    detector = catalog.create(name).fit(ordinary())
    expect_refusal(lambda: detector.score(np.zeros((2, 4))), ("4 feature", "3"), "a matrix that is too wide")
    expect_refusal(lambda: detector.score(np.zeros((0, 3))), ("empty",), "a matrix without rows")
    expect_refusal(lambda: catalog.create(name).fit(np.zeros((3, 0))), ("empty",), "a matrix without columns")
    expect_refusal(lambda: detector.score([["a", "b", "c"]]), ("not numeric",), "text")
    expect_refusal(lambda: detector.score(np.zeros(3)), ("reshape",), "a vector")
    expect_refusal(lambda: catalog.create(name).score(ordinary()), ("fit",), "scoring before fitting")


def wrong_parameters_are_refused_by_name(name: str) -> None:
    """Unknown ones and values outside of their range; the message says what is valid."""
    expect_refusal(lambda: catalog.create(name, no_such_one=1), ("no_such_one",), "an unknown parameter")
    for doc in catalog.get(name).parameters:
        wrong: list[object] = [object()] if doc.low is None else [object(), doc.low - 1]
        for value in wrong:
            create = partial(catalog.create, name, **{doc.name: value})
            expect_refusal(create, (doc.name, "valid"), f"{doc.name} = {value!r}")


CONTRACT = (
    input_is_never_changed,
    fitting_twice_gives_the_same_scores,
    artifact_keeps_every_bit,
    explanation_adds_up_to_the_score,
    probability_falls_as_the_score_rises,
    contamination_is_the_share_of_training_rows_above,
    unusable_data_is_refused_with_the_reason,
    wrong_parameters_are_refused_by_name,
)
