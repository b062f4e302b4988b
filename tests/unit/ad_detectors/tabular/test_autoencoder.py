"""`autoencoder` finds rows whose features do not fit together."""

import numpy as np
import pytest

from ad_detectors.errors import DataError
from ad_detectors.tabular.autoencoder import Autoencoder


def curve(generator, rows):
    """Four features, all of them curves of one hidden number, and a little noise."""
    hidden = generator.uniform(-2, 2, size=rows)
    table = np.column_stack([hidden, hidden**2, np.sin(2 * hidden), np.exp(0.5 * hidden)])
    return table + 0.02 * generator.normal(size=table.shape)


@pytest.fixture(scope="module")
def detector() -> Autoencoder:
    return Autoencoder(seed=1).fit(curve(np.random.default_rng(0), 3000))


def test_a_row_off_the_curve_stands_out_though_each_value_is_ordinary(detector) -> None:
    usual = curve(np.random.default_rng(1), 200)
    mixed = usual.copy()
    mixed[:, 1] = np.roll(mixed[:, 1], 7)
    apart = np.abs(mixed[:, 1] - usual[:, 1]) > 1.5
    assert (detector.score(mixed[apart]) > detector.threshold(0.01)).mean() > 0.9
    assert (detector.score(usual) > detector.threshold(0.01)).mean() < 0.05


def test_values_far_out_stand_out_in_each_feature(detector) -> None:
    usual = curve(np.random.default_rng(2), 1)
    for feature in range(4):
        far = usual.copy()
        far[0, feature] += 1000.0
        explanation = detector.explain(far)
        assert np.argmax(explanation.contributions[0]) == feature
        assert detector.score(far)[0] > 100.0


def test_contributions_add_up_to_the_score(detector) -> None:
    rows = 3.0 * curve(np.random.default_rng(3), 20)
    explanation = detector.explain(rows)
    assert explanation.baseline == 0.0
    np.testing.assert_allclose(explanation.contributions.sum(axis=1), detector.score(rows), rtol=1e-9)


def test_seeds_give_other_networks_of_the_asked_size() -> None:
    rows = curve(np.random.default_rng(0), 300)
    first, same, other = (
        Autoencoder(seed=seed, bottleneck=3, epochs=5).fit(rows).to_arrays() for seed in (1, 1, 2)
    )
    assert first["weights"].tobytes() == same["weights"].tobytes() != other["weights"].tobytes()
    assert len(first["weights"]) == 4 * 8 + 8 * 3 + 3 * 8 + 8 * 4


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("weights", np.zeros(5)), ("biases", np.full(22, np.nan)), ("scale", np.zeros(4))],
)
def test_damaged_arrays_are_refused(detector, name, wrong) -> None:
    with pytest.raises(DataError, match=name):
        Autoencoder.from_arrays({}, "abcd", {**detector.to_arrays(), name: wrong})


def test_one_in_a_thousand_unseen_rows_is_as_improbable_as_that() -> None:
    shares = []
    for seed in range(3):
        generator = np.random.default_rng(seed)
        found = Autoencoder(epochs=20).fit(generator.normal(size=(10_000, 3)))
        shares.append((found.probability(found.score(generator.normal(size=(40_000, 3)))) <= 1e-3).mean())
    assert 0.5e-3 <= np.mean(shares) <= 2e-3
