"""The battery that every detector of the catalogue passes; there is no list of exceptions.

>>> check_detector("zscore")
"""

from collections.abc import Callable

from ad_detectors import catalog
from ad_detectors.checks.batch_contract import CONTRACT
from ad_detectors.checks.batch_values import VALUES
from ad_detectors.checks.drift_contract import DRIFT
from ad_detectors.checks.expect import CheckFailedError
from ad_detectors.checks.graph_contract import GRAPH
from ad_detectors.checks.series_contract import SERIES
from ad_detectors.checks.streaming_contract import STREAMING

__all__ = ["CheckFailedError", "check_detector", "checks_for"]

Check = Callable[[str], None]

BATTERIES: dict[catalog.Kind, tuple[Check, ...]] = {
    "batch": (*VALUES, *CONTRACT),
    "series": SERIES,
    "streaming": STREAMING,
    "drift": DRIFT,
    "graph": GRAPH,
}


def checks_for(name: str) -> tuple[Check, ...]:
    """The checks that a detector must pass; the name of each is the sentence that it proves."""
    return BATTERIES[catalog.get(name).kind]


def check_detector(name: str) -> None:
    """Run the whole battery.

    Raises
    ------
    CheckFailedError
        At the first check that fails; the message says which and with what.
    """
    for check in checks_for(name):
        check(name)
