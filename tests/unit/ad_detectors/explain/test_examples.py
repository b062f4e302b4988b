import numpy as np

from ad_detectors.explain.examples import nearest_examples, normal_examples


def test_examples_are_rows_of_the_nine_tenths_with_the_lowest_scores() -> None:
    rows = np.arange(1000.0).reshape(-1, 1)
    examples = normal_examples(rows, rows[:, 0])
    assert examples.shape == (256, 1)
    assert examples.min() == 0.0
    assert examples.max() == 899.0


def test_small_data_is_kept_whole_but_for_its_highest_scores() -> None:
    rows = np.arange(10.0).reshape(-1, 1)
    assert normal_examples(rows, -rows[:, 0]).ravel().tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert normal_examples(rows[:1], rows[:1, 0]).tolist() == [[0.0]]


def test_a_difference_counts_in_units_of_the_normal_range_of_its_feature() -> None:
    bounds = np.array([[0.0, 0.0], [-1.0, -100.0], [1.0, 100.0]])
    examples = np.array([[1.0, 0.0], [0.0, 50.0]])
    assert nearest_examples(np.array([[0.0, 0.0]]), examples, bounds).tolist() == [[0.0, 50.0]]


def test_a_constant_feature_decides_nothing_until_a_row_leaves_it() -> None:
    bounds = np.array([[5.0, 0.0], [5.0, -1.0], [5.0, 1.0]])
    examples = np.array([[5.0, 0.9], [5.0, 0.1]])
    assert nearest_examples(np.array([[5.0, 0.0]]), examples, bounds).tolist() == [[5.0, 0.1]]
