"""Detectors of time series: what they promise, whatever their idea."""

from functools import partial

import numpy as np

from ad_detectors import catalog
from ad_detectors.artifact import SigningKey, TrustedKeys, load_bytes, save_bytes
from ad_detectors.checks.expect import (
    expect,
    expect_refusal,
    expect_share,
    ordinary,
    peculiar,
    same_bits,
    ties,
)
from ad_detectors.matrix import Floats
from ad_detectors.model import Model

SPIKE = slice(300, 306)


def wave(points: int, seed: int = 5) -> Floats:
    """Three channels of different units with one season and some noise."""
    at = np.arange(points)[:, None]
    noise = np.random.default_rng(seed).normal(size=(points, 3))
    course = np.sin((at + np.array([0, 7, 13])) * (2.0 * np.pi / 40.0))
    rows: Floats = (course + 0.1 * noise) * np.array([1.0, 50.0, 1e-3]) + np.array([0.0, 900.0, 5.0])
    return rows


def scores_of_peculiar_series_are_finite(name: str) -> None:
    """Whatever was trained on and whatever is scored: shorter than a window, constant, missing, huge."""
    tables = peculiar()
    for trained, table in tables.items():
        detector = catalog.create_series(name).fit(table)
        for other in (other for other in tables.values() if other.shape[1] == table.shape[1]):
            scores, why = detector.score(other), detector.explain(other)
            expect(
                scores.shape == (len(other),), f"{name} gave {scores.shape} scores for {len(other)} points"
            )
            expect(np.isfinite(scores).all(), f"{name} trained on {trained} gave a score that is not finite")
            for part in (why.contributions, why.expected, why.lower, why.upper):
                expect(
                    np.isfinite(part).all(), f"{name} trained on {trained} explains with values not finite"
                )


def series_of_1000_channels_are_scored(name: str) -> None:
    """Wider than long."""
    rows = ordinary(60, 1000)
    expect(np.isfinite(catalog.create_series(name).fit(rows).score(rows)).all(), f"{name}: not finite")


def spike_scores_highest_and_is_explained_by_its_channel(name: str) -> None:
    """In each channel, whatever its unit, and where it stands; smoothing may move the peak by its width."""
    rows = wave(1000)
    detector = catalog.create_series(name).fit(rows[:600])
    for channel in range(rows.shape[1]):
        series = rows[600:].copy()
        series[SPIKE, channel] += 8.0 * rows[:, channel].std()
        scores = detector.score(series)
        peak = int(scores.argmax())
        alike = ties(scores) if (scores == scores[peak]).sum() > 1 else ""
        expect(
            SPIKE.start - 12 <= peak <= SPIKE.stop + 12,
            f"{name}: the highest score is at {peak}, not from {SPIKE.start} to {SPIKE.stop}{alike}",
        )
        found = int(detector.explain(series).contributions[peak].argmax())
        expect(found == channel, f"{name}: channel {found} is blamed for a spike of channel {channel}")


def units_of_the_channels_do_not_matter(name: str) -> None:
    """Other units and offsets give the same ranking of what stands out."""
    rows = wave(900)
    series = rows[500:].copy()
    series[SPIKE] += 5.0 * rows.std(axis=0)
    first = catalog.create_series(name).fit(rows[:500]).score(series)
    second = catalog.create_series(name).fit(rows[:500] * 1000.0 - 77.0).score(series * 1000.0 - 77.0)
    expect(np.allclose(first, second, rtol=1e-3, atol=1e-3), f"{name}: other units give other scores")


def gap_is_interpolated(name: str) -> None:
    """NaN is the same as the straight line between its neighbours."""
    rows = wave(400)
    detector = catalog.create_series(name).fit(rows)
    lacking, filled = rows[:200].copy(), rows[:200].copy()
    lacking[50:53, 1] = np.nan
    filled[50:53, 1] = np.interp([50, 51, 52], [49, 53], rows[[49, 53], 1])
    expect(same_bits(detector.score(lacking), detector.score(filled)), f"{name}: a gap is not interpolated")


def scoring_and_fitting_twice_give_the_same_bits(name: str) -> None:
    """Same data, same parameters: bit-equal, and the input is as it was."""
    rows = wave(500)
    rows.setflags(write=False)
    before = rows.tobytes()
    first, second = (catalog.create_series(name).fit(rows[:300]) for _ in range(2))
    scores = first.score(rows)
    expect(same_bits(scores, second.score(rows)), f"{name} is not deterministic")
    expect(same_bits(scores, first.score(np.asfortranarray(rows))), f"{name}: the memory order matters")
    first.explain(rows)
    expect(rows.tobytes() == before, f"{name} changed its input")


def explanation_adds_up_and_stays_within_its_bounds(name: str) -> None:
    """Baseline + contributions = score, and expected values lie within their bounds."""
    rows = wave(800)
    detector = catalog.create_series(name).fit(rows[:500])
    series = rows[500:].copy()
    series[SPIKE.start - 200 : SPIKE.stop - 200] *= 3.0
    why = detector.explain(series)
    total = why.baseline + why.contributions.sum(axis=1)
    expect(
        np.allclose(total, detector.score(series), rtol=1e-9, atol=1e-9),
        f"{name}: explanations do not add up",
    )
    within = (why.lower <= why.expected) & (why.expected <= why.upper)
    expect(
        within.all() and within.shape == series.shape, f"{name}: an expected value lies outside of its bounds"
    )


def artifact_keeps_every_bit(name: str) -> None:
    """Saved and loaded, a model scores, calibrates and explains the same."""
    key = SigningKey.generate()
    for title, table in {"a wave": wave(150), **peculiar()}.items():
        model = Model.train(name, table)
        data = save_bytes(model, key)
        again = load_bytes(data, TrustedKeys([key.public]))
        before, after = model.score(table), again.score(table)
        same = same_bits(before.score, after.score) and same_bits(before.probability, after.probability)
        parts = same_bits(before.explain().contributions, after.explain().contributions)
        expect(same and parts, f"{name} trained on {title} scores differently after loading")
        expect(save_bytes(again, key) == data, f"{name} is saved differently after loading")


def probability_of_a_spike_is_small_and_falls_as_the_score_rises(name: str) -> None:
    """In (0, 1], never growing with the score."""
    rows = wave(1000)
    detector = catalog.create_series(name).fit(rows[:600])
    series = rows[600:].copy()
    series[SPIKE] += 20.0 * rows.std(axis=0)
    scores = np.sort(detector.score(series))
    probability = detector.probability(scores)
    expect(((probability > 0) & (probability <= 1)).all(), f"{name}: a probability is outside of (0, 1]")
    expect((np.diff(probability) <= 0).all(), f"{name}: a higher score has a higher probability")
    expect(probability[-1] < 0.01, f"{name}: a spike has the probability {probability[-1]}")


def contamination_is_the_share_of_training_points_above(name: str) -> None:
    """The training series does not count as its own likeness."""
    rows = wave(1000)
    for contamination in (0.01, 0.05, 0.5):
        model = Model.train(name, rows, contamination=contamination)
        expect_share(name, model.score(rows).score, model.threshold, contamination)


def unusable_data_and_parameters_are_refused_with_the_reason(name: str) -> None:
    """Wrong width, emptiness, text, wrong shape, scoring before fitting, parameters out of range."""
    detector = catalog.create_series(name).fit(ordinary())
    expect_refusal(lambda: detector.score(np.zeros((2, 4))), ("4 feature", "3"), "a series that is too wide")
    expect_refusal(lambda: detector.score(np.zeros((0, 3))), ("empty",), "a series without points")
    expect_refusal(lambda: detector.score([["a", "b", "c"]]), ("not numeric",), "text")
    expect_refusal(lambda: detector.score(np.zeros(3)), ("reshape",), "a vector")
    expect_refusal(lambda: catalog.create_series(name).score(ordinary()), ("fit",), "scoring before fitting")
    expect_refusal(
        lambda: catalog.create_series(name, no_such_one=1), ("no_such_one",), "an unknown parameter"
    )
    for doc in catalog.get(name).parameters:
        for value in (object(), -1):
            create = partial(catalog.create_series, name, **{doc.name: value})
            expect_refusal(create, (doc.name, "valid"), f"{doc.name} = {value!r}")


SERIES = (
    scores_of_peculiar_series_are_finite,
    series_of_1000_channels_are_scored,
    spike_scores_highest_and_is_explained_by_its_channel,
    units_of_the_channels_do_not_matter,
    gap_is_interpolated,
    scoring_and_fitting_twice_give_the_same_bits,
    explanation_adds_up_and_stays_within_its_bounds,
    artifact_keeps_every_bit,
    probability_of_a_spike_is_small_and_falls_as_the_score_rises,
    contamination_is_the_share_of_training_points_above,
    unusable_data_and_parameters_are_refused_with_the_reason,
)
