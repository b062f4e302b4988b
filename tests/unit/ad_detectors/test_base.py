"""What every fitted detector refuses, by name, value and valid range."""

import numpy as np
import pytest

from ad_detectors.errors import DataError, ParameterError
from ad_detectors.tabular.zscore import ZScore

FITTED = ZScore().fit(np.arange(50.0).reshape(-1, 1))


@pytest.mark.parametrize("value", ["a", None, 0, 0.6])
def test_a_threshold_is_asked_for_by_a_share(value) -> None:
    with pytest.raises(ParameterError) as caught:
        FITTED.threshold(value)
    assert str(caught.value) == (
        f"parameter 'contamination' is {value!r}; valid is a number above 0 and up to 0.5"
    )


@pytest.mark.parametrize(("scores", "what"), [(["a"], "not numeric"), ([np.nan], "nan at")])
def test_a_probability_is_asked_for_by_scores(scores, what) -> None:
    with pytest.raises(DataError, match=f"parameter 'scores' is {what}"):
        FITTED.probability(scores)


def test_no_score_is_too_far_out_for_a_probability() -> None:
    least, most = FITTED.probability([np.inf, -np.inf])
    assert 0.0 < least < 1e-9
    assert most == 1.0
