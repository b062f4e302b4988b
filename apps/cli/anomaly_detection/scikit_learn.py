"""What scikit-learn asks of an estimator; it is imported only when it asks, for it takes a second."""

from typing import Any, cast

from ad_detectors.errors import NotFittedError


def tags() -> Any:
    """What the estimators are and take: outlier detectors without labels, for tables that may have gaps."""
    from sklearn.utils import InputTags, Tags, TargetTags

    return Tags(
        estimator_type="outlier_detector",
        target_tags=TargetTags(required=False),
        input_tags=InputTags(allow_nan=True),
    )


def not_fitted(message: str) -> NotFittedError:
    """An error that is both this project's and scikit-learn's, so that either kind of caller catches it."""
    from sklearn.exceptions import NotFittedError as Theirs

    both = type("NotFittedError", (NotFittedError, Theirs), {"__doc__": NotFittedError.__doc__})
    return cast("NotFittedError", both(message))
