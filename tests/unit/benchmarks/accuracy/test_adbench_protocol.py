"""The protocol of ADBench's published table."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy.adbench_protocol import TableSet, measure, published, split, table_sets


def table(rows: int, seed: int = 3) -> TableSet:
    """A set with a tenth of anomalies."""
    generator = np.random.default_rng(seed)
    return TableSet("some", generator.normal(size=(rows, 2)), (np.arange(rows) % 10 == 0).astype(np.int64))


@pytest.mark.parametrize(("rows", "drawn"), [(300, 1_000), (1_500, 1_500), (12_000, 10_000)])
def test_small_sets_are_resampled_and_large_ones_thinned(rows, drawn) -> None:
    data = table(rows)
    part = split(data, 1)
    assert (len(part.train), len(part.test), len(part.labels)) == (drawn * 7 // 10, *[drawn * 3 // 10] * 2)
    different = len(np.unique(np.vstack([part.train, part.test]), axis=0))
    assert different < rows if rows < drawn else different == drawn


def test_a_split_is_stratified_scaled_by_its_train_part_and_depends_on_the_seed_only() -> None:
    data = table(2_000)
    one, again, other = split(data, 1), split(data, 1), split(data, 2)
    assert one.labels.sum() == 60
    np.testing.assert_allclose(
        [one.train.min(axis=0), one.train.max(axis=0)], [[0.0] * 2, [1.0] * 2], atol=1e-12
    )
    np.testing.assert_array_equal(one.test, again.test)
    assert (one.test != other.test).any()


def test_the_draws_are_those_of_numpys_global_state() -> None:
    from sklearn.model_selection import train_test_split

    data = table(300)
    np.random.seed(2)  # noqa: NPY002 - the protocol's own words
    chosen = np.random.choice(300, 1_000, replace=True)  # noqa: NPY002 - the protocol's own words
    _, _, _, labels = train_test_split(
        data.rows[chosen], data.labels[chosen], test_size=0.3, shuffle=True, stratify=data.labels[chosen]
    )
    np.testing.assert_array_equal(split(data, 2).labels, labels)


def test_the_means_over_the_seeds_are_measured() -> None:
    parts = [split(table(1_000), seed) for seed in (1, 2)]
    seen = []

    def oracle(train: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
        del train
        seen.append(seed)
        labels = parts[seed - 1].labels.astype(float)
        return labels if seed == 1 else np.zeros(len(test))

    assert measure(parts, oracle) == pytest.approx((0.75, 0.55))
    assert seen == [1, 2]


def test_sets_are_read_in_the_order_of_their_numbers_as_floats(tmp_path: Path) -> None:
    for name in ("12_late.npz", "6_early.npz"):
        np.savez(tmp_path / name, X=np.array([[1, 2]]), y=np.array([1]))
    found = table_sets(tmp_path)
    assert [data.name for data in found] == ["early", "late"]
    assert found[0].rows.dtype == np.float64


def test_a_folder_without_sets_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=tmp_path.name):
        table_sets(tmp_path)


def test_a_published_figure_that_is_missing_is_not_a_number(tmp_path: Path) -> None:
    (tmp_path / "published_aucroc.csv").write_text("dataset,PCA,DAGMM\ncardio,0.9,0.7\nSpamBase,0.5,\n")
    found = published(tmp_path, "auroc")
    assert found["PCA"] == {"cardio": 0.9, "SpamBase": 0.5}
    assert np.isnan(found["DAGMM"]["SpamBase"])
