"""The detectors by name."""

import subprocess
import sys

import pytest

from ad_detectors import catalog
from ad_detectors.base import Detector, SeriesDetector, StreamingDetector
from ad_detectors.drift.base import DriftDetector
from ad_detectors.errors import UnknownDetectorError
from ad_detectors.graph.base import GraphDetector

KINDS = {
    "batch": Detector,
    "series": SeriesDetector,
    "streaming": StreamingDetector,
    "drift": DriftDetector,
    "graph": GraphDetector,
}


def test_promised_algorithms_are_there() -> None:
    assert {"isolation_forest", "zscore", "iqr"} <= set(catalog.names("batch"))
    assert "adaptive" in catalog.names("streaming")
    assert catalog.names("drift") == ("adwin", "kswin", "page_hinkley", "psi", "ks")
    assert catalog.names("graph") == ("edge_stream",)
    assert sorted(catalog.names()) == sorted(name for kind in KINDS for name in catalog.names(kind))


@pytest.mark.parametrize("name", catalog.names())
def test_every_entry_is_of_its_kind_and_knows_its_name(name) -> None:
    entry = catalog.get(name)
    assert issubclass(entry.detector_type, KINDS[entry.kind])
    assert entry.detector_type.name == name
    assert all(doc.doc for doc in entry.parameters)


@pytest.mark.parametrize("name", catalog.names())
def test_every_docstring_has_its_sections(name) -> None:
    text = catalog.get(name).detector_type.__doc__ or ""
    for section in ("Idea:", "Assumes", "Parameters\n", "Source\n", "Examples\n"):
        assert section in text
    for doc in catalog.get(name).parameters:
        assert f"{doc.name} : " in text


def test_an_unknown_name_is_refused_with_the_choices() -> None:
    with pytest.raises(
        UnknownDetectorError, match=r"'nothing'; valid choices: isolation_forest, .*zscore, iqr"
    ):
        catalog.create("nothing")


def test_the_wrong_kind_is_refused_with_the_right_choices() -> None:
    with pytest.raises(UnknownDetectorError, match=r"streaming detector.*valid choices: isolation_forest"):
        catalog.create("adaptive")
    with pytest.raises(UnknownDetectorError, match="valid choices: adaptive"):
        catalog.create_streaming("zscore")


def test_looking_around_imports_no_heavy_library() -> None:
    code = "import sys, ad_detectors.catalog as c; c.names(); print(*{'numba', 'numpy', 'sklearn'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""
