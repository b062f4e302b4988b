"""The public surface, what importing it costs, and the examples in docstrings."""

import doctest
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import anomaly_detection

ROOT = Path(anomaly_detection.__file__).parent
WITH_EXAMPLES = sorted(path for path in ROOT.rglob("*.py") if ">>>" in path.read_text())
HEAVY = {"matplotlib", "numba", "numpy", "pandas", "polars", "pyarrow", "pyod", "rich", "scipy", "sklearn"}
# numba itself looks for scipy.
WITH_NUMBA = {"numba", "numpy", "scipy"}


def test_exported_members_are_these_and_no_others() -> None:
    assert anomaly_detection.__all__ == [
        "AnomalyDetector",
        "ArtifactError",
        "AsyncClient",
        "ClearTextWarning",
        "Client",
        "ClientError",
        "Conflict",
        "DataError",
        "DetectorError",
        "Explanation",
        "Forbidden",
        "NoAnswer",
        "NotFound",
        "ParameterError",
        "Retry",
        "ServerError",
        "StreamDetector",
        "StreamResult",
        "TooManyRequests",
        "Unauthenticated",
    ]
    assert {"AnomalyDetector", "IsolationForest", "ZScore", "IQR"} <= set(dir(anomaly_detection))


@pytest.mark.parametrize("name", dir(anomaly_detection))
def test_every_exported_member_is_there_and_documented(name) -> None:
    assert getattr(anomaly_detection, name).__doc__


def test_an_unknown_member_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Magic'"):
        _ = anomaly_detection.Magic


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=lambda path: path.stem)
def test_examples_hold(path) -> None:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    found = doctest.testmod(importlib.import_module(".".join(parts).removesuffix(".__init__")))
    assert (found.failed, found.attempted > 0) == (0, True)


def test_the_public_classes_have_examples() -> None:
    assert {"__init__", "estimators", "named", "streaming", "tasks", "threads"} <= {
        path.stem for path in WITH_EXAMPLES
    }


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("import anomaly_detection; dir(anomaly_detection)", set()),
        ("import anomaly_detection.cli.main", set()),
        ("import ad_detectors.catalog", set()),
        ("from anomaly_detection import AsyncClient, Client, ServerError", set()),
        ("from anomaly_detection import AnomalyDetector, StreamDetector, IsolationForest", WITH_NUMBA),
        ("from ad_detectors.catalog import ENTRIES; [e.parameters for e in ENTRIES.values()]", WITH_NUMBA),
    ],
)
def test_importing_loads_nothing_heavy_before_it_is_needed(code, allowed) -> None:
    command = [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert HEAVY & set(loaded) <= allowed
