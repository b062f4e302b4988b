"""`inne` finds global and local anomalies, and agrees with PyOD."""

import numpy as np
import pytest
from pyod.models import inne as pyod_inne

from ad_detectors.errors import DataError
from ad_detectors.tabular.inne import INNE

GENERATOR = np.random.default_rng(4)
ROWS, UNSEEN = GENERATOR.normal(size=(700, 4)), 2.0 * GENERATOR.normal(size=(200, 4))


@pytest.mark.parametrize(("estimators", "sample", "seed"), [(200, 8, 0), (20, 2, 1), (50, 64, 7)])
def test_scores_agree_with_pyod_to_a_billionth(estimators, sample, seed) -> None:
    theirs = pyod_inne.INNE(n_estimators=estimators, max_samples=sample, random_state=seed).fit(ROWS)
    ours = INNE(estimators=estimators, sample=sample, seed=seed, scale=False).fit(ROWS)
    np.testing.assert_allclose(ours.score(UNSEEN), theirs.decision_function(UNSEEN), rtol=1e-9, atol=1e-9)


def test_rows_far_from_all_and_beside_a_dense_cluster_stand_out() -> None:
    rows = np.vstack([np.tile(0.02 * ROWS, (2, 1)), 6.0 + ROWS])
    detector = INNE(sample=32).fit(rows)
    far, beside, inside = detector.score([[30.0] * 4, [0.8, 0.0, 0.0, 0.0], [6.0] * 4])
    assert far == 1.0
    assert beside > inside


def test_seeds_give_other_samples() -> None:
    first, same, other = (INNE(seed=seed).fit(ROWS).score(UNSEEN) for seed in (1, 1, 2))
    assert first.tobytes() == same.tobytes() != other.tobytes()


def test_fewer_rows_than_a_sample_are_enough() -> None:
    assert INNE().fit([[1.0]]).score([[1.0], [2.0]]).tolist() == [0.0, 1.0]
    assert INNE().fit([[1.0], [2.0]]).score([[1.5], [9.0]]).tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("radii", np.full((200, 8), -1.0)),
        ("radii", np.zeros((0, 8))),
        ("ratios", np.full((200, 8), np.nan)),
        ("centers", np.full((4, 1600), np.inf)),
        ("centers", np.zeros((4, 8))),
    ],
)
def test_damaged_arrays_are_refused(name, wrong) -> None:
    arrays = INNE().fit(ROWS).to_arrays()
    with pytest.raises(DataError):
        INNE.from_arrays({}, "abcd", {**arrays, name: wrong})


def test_training_rows_are_calibrated_by_the_samples_that_they_are_not_in() -> None:
    detector = INNE(estimators=30, sample=4, seed=1).fit(ROWS[:50])
    single = [
        INNE.from_arrays(
            {},
            detector.feature_names,
            detector.to_arrays()
            | {
                "centers": np.ascontiguousarray(detector._centers[:, 4 * sample : 4 * sample + 4]),
                "radii": detector._radii[sample : sample + 1],
                "ratios": detector._ratios[sample : sample + 1],
            },
        ).score(ROWS[:50])
        for sample in range(30)
    ]
    expected = [
        np.mean([single[sample][row] for sample in range(30) if row not in detector._drawn[sample]])
        for row in range(50)
    ]
    np.testing.assert_allclose(detector._unseen_scores(ROWS[:50]), expected, rtol=1e-12)


def test_one_in_a_thousand_unseen_rows_is_as_improbable_as_that() -> None:
    shares = []
    for seed in range(6):
        generator = np.random.default_rng(seed)
        detector = INNE().fit(generator.exponential(size=(10_000, 3)))
        unseen = detector.score(generator.exponential(size=(20_000, 3)))
        shares.append((detector.probability(unseen) <= 1e-3).mean())
    assert 0.5e-3 <= np.mean(shares) <= 2e-3
