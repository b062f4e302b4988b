"""Every batch detector runs on ADBench, those with a published column as it was published."""

import numpy as np

from ad_detectors import catalog
from benchmarks.accuracy.adbench_cases import AS_PUBLISHED, Case, cases


def test_every_batch_detector_of_the_catalogue_runs_by_default() -> None:
    by_default = [case.algorithm for case in cases() if not case.parameters]
    assert sorted(by_default) == sorted(catalog.names("batch"))


def test_every_case_can_be_made_and_has_a_label_of_its_own() -> None:
    for case in cases():
        catalog.create(case.algorithm, **case.parameters)
    assert len({case.label for case in cases()}) == len(cases())


def test_a_case_that_must_be_near_names_its_column() -> None:
    assert all(case.column for case in AS_PUBLISHED)


def test_the_seed_reaches_a_detector_that_draws() -> None:
    rows = np.random.default_rng(1).normal(size=(200, 2))
    forest = Case("forest", "isolation_forest", {"trees": 5})
    one, again, other = (forest.fit_and_score(rows, rows, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
    assert len(Case("zscore", "zscore").fit_and_score(rows, rows, 1)) == 200


def test_a_parameter_may_depend_on_the_number_of_features() -> None:
    rows = np.random.default_rng(1).normal(size=(60, 4))
    given = Case("zscore", "zscore", by_features=lambda features: {"deviations": float(features)})
    expected = catalog.create("zscore", deviations=4.0).fit(rows).score(rows)
    np.testing.assert_array_equal(given.fit_and_score(rows, rows, 1), expected)
