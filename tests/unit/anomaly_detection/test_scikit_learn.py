"""The estimators in scikit-learn's hands: its own checks, pipelines, searches."""

import numpy as np
import pytest
from sklearn.base import clone, is_outlier_detector
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from ad_detectors import catalog
from ad_detectors.errors import DetectorError
from anomaly_detection import AnomalyDetector
from anomaly_detection.named import named

LABELS = "labels are 1 = anomaly and 0 = normal, as in PyOD; scikit-learn's are -1 and 1"
EXCEPTIONS = {
    "check_outliers_train": LABELS,
    "check_outliers_fit_predict": LABELS,
    "check_dtype_object": "what is no number is a DataError, a kind of ValueError; a TypeError is asked for",
}
ORDER = "a series detector scores a point among its neighbours in time, so order and surroundings matter"
OF_SERIES = {
    "check_methods_sample_order_invariance": ORDER,
    "check_methods_subset_invariance": ORDER,
    "check_fit1d": "a series of one feature may have one dimension",
}
NOT_RUN = {"check_array_api_input": "needs SCIPY_ARRAY_API to be set before Python starts"}
FASTER = {
    "isolation_forest": {"trees": 10},
    "autoencoder": {"epochs": 5},
    "ensemble": {"members": "zscore,iqr"},
}
# Half a second for each of the hundred times that the checks fit.
TOO_SLOW = {"auto"}
ALGORITHMS = [name for name in catalog.names("batch") if name not in TOO_SLOW]
ROWS = np.vstack([np.random.default_rng(0).normal(size=(200, 2)), [[9.0, -9.0], [-8.0, 8.0]]])
TRUTH = np.r_[np.zeros(200), np.ones(2)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "estimator",
    [
        *(AnomalyDetector(name, **FASTER.get(name, {})) for name in ALGORITHMS),
        named("zscore")(contamination=0.1),
        named("isolation_forest")(trees=10),
    ],
    ids=repr,
)
def test_scikit_learns_checks_hold_but_for_these(estimator) -> None:
    failed = failures(estimator)
    assert failed.keys() == EXCEPTIONS.keys(), failed


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", catalog.names("series"))
def test_those_of_series_hold_but_for_these_and_the_order_of_rows(name) -> None:
    failed = failures(AnomalyDetector(name))
    assert EXCEPTIONS.keys() <= failed.keys() <= EXCEPTIONS.keys() | OF_SERIES.keys(), failed


def failures(estimator: AnomalyDetector) -> dict[str, Exception]:
    results = check_estimator(estimator, on_fail=None, on_skip=None)
    assert {each["check_name"] for each in results if each["status"] == "skipped"} == NOT_RUN.keys()
    return {each["check_name"]: each["exception"] for each in results if each["status"] == "failed"}


def test_a_pipeline_scales_before_it_detects() -> None:
    pipeline = make_pipeline(StandardScaler(), AnomalyDetector("zscore", contamination=0.01))
    assert np.flatnonzero(pipeline.fit_predict(ROWS)).tolist() == [200, 201]
    assert pipeline.decision_function(ROWS).shape == (202,)
    pipeline.set_params(anomalydetector__contamination=0.1)
    assert pipeline.fit(ROWS).predict(ROWS).sum() == 20


def test_a_search_compares_algorithms_and_parameters_by_labels() -> None:
    grid = [{"algorithm": ["zscore"]}, {"algorithm": ["isolation_forest"], "trees": [1, 30]}]
    search = GridSearchCV(
        AnomalyDetector(), grid, scoring="roc_auc", cv=StratifiedKFold(2), error_score="raise"
    )
    search.fit(ROWS, TRUTH)
    assert search.best_score_ == 1.0
    assert len(search.cv_results_["params"]) == 3


def test_a_clone_of_a_fitted_detector_is_not_fitted() -> None:
    fitted = AnomalyDetector("isolation_forest", contamination=0.1, trees=10).fit(ROWS)
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        copy.predict(ROWS)
    assert copy.fit(ROWS).decision_function(ROWS).tobytes() == fitted.decision_function(ROWS).tobytes()


def test_what_is_not_fitted_is_told_in_both_languages() -> None:
    assert is_outlier_detector(AnomalyDetector())
    for error in (NotFittedError, DetectorError):
        with pytest.raises(error, match="call fit"):
            AnomalyDetector().decision_function(ROWS)
    assert not hasattr(AnomalyDetector(), "n_features_in_")
