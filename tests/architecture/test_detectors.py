"""Every detector that is written can be chosen, and every one that can be saved stays readable."""

import ast
import importlib
import inspect
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ad_detectors
from ad_detectors import catalog
from ad_detectors.artifact import PublicKey, TrustedKeys, load_bytes
from ad_detectors.base import FittedDetector
from ad_detectors.drift.base import DriftDetector
from ad_detectors.graph.base import GraphDetector
from ad_detectors.streaming.base import StreamingDetector
from tests.architecture import documents, project

sys.path.insert(0, str(project.ROOT / "tools"))
import make_golden

PACKAGE = project.package_of(project.ROOT / "libs" / "detectors")
KERNELS = PACKAGE / "kernels"
UNIT = project.ROOT / "tests" / "unit" / "ad_detectors"
FITTED = (*catalog.names("batch"), *catalog.names("series"))
WARM = """
import importlib, sys
from ad_detectors import catalog
from ad_detectors.warmup import warm_up
warm_up(catalog.names())
for name in sys.argv[1:]:
    module, _, kernel = name.rpartition(".")
    if not getattr(importlib.import_module(module), kernel).signatures:
        print(name)
"""


def compiled(path: Path) -> set[str]:
    """The functions of a file that are compiled."""
    functions = [node for node in project.parse(path).body if isinstance(node, ast.FunctionDef)]
    return {node.name for node in functions if "kernel" in map(ast.unparse, node.decorator_list)}


def imported_modules(path: Path) -> set[str]:
    """The first parts of the names of the modules that a file imports."""
    nodes = list(ast.walk(project.parse(path)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    sources = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in plain | sources}


def kernels_in_use() -> set[str]:
    """Kernels that code outside of their folder calls; these call the others."""
    outside = [path for path in project.modules(PACKAGE) if path.parent != KERNELS]
    nodes = [node for path in outside for node in ast.walk(project.parse(path))]
    imported = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    known = {f"ad_detectors.kernels.{path.stem}": compiled(path) for path in KERNELS.glob("*.py")}
    names = {(node.module or "", alias.name) for node in imported for alias in node.names}
    return {f"{module}.{name}" for module, name in names if name in known.get(module, ())}


def detectors() -> set[type]:
    """Every class of the package that could be fitted or fed: what only others build on is abstract."""
    for module in pkgutil.walk_packages(ad_detectors.__path__, f"{ad_detectors.__name__}."):
        importlib.import_module(module.name)
    found: set[type] = set()
    waiting: list[type] = [FittedDetector, StreamingDetector, DriftDetector, GraphDetector]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith(f"{ad_detectors.__name__}.") and not inspect.isabstract(kind):
            found.add(kind)
    return found


def test_every_detector_is_in_the_catalogue() -> None:
    known = {entry.detector_type for entry in catalog.ENTRIES.values()}
    lost = sorted(f"{kind.__module__}.{kind.__qualname__}" for kind in detectors() - known)
    assert not lost, f"write an entry in ad_detectors/entries.py for {lost}"


def test_every_detector_has_a_unit_test_of_its_own() -> None:
    places = {Path(*entry.module.split(".")[1:]) for entry in catalog.ENTRIES.values()}
    tests = [UNIT / place.with_name(f"test_{place.name}.py") for place in sorted(places)]
    missing = [project.shown(test) for test in tests if not test.exists()]
    assert not missing, f"the battery knows no detector's own idea; write {missing}"


def test_every_detector_stands_in_the_guide_to_choosing_one() -> None:
    guide = project.ROOT / "docs" / "guides" / "choosing-a-detector.md"
    missing = catalog.ENTRIES.keys() - set(documents.spans(guide))
    assert not missing, f"say in {project.shown(guide)} when to take {sorted(missing)}"


def test_every_golden_artifact_is_whole_and_of_the_catalogue() -> None:
    golden = {path.name.removesuffix("-v1.adm") for path in make_golden.FOLDER.glob("*.adm")}
    assert golden <= set(FITTED), "a detector that once was saved must stay readable"
    expected = {file.name for name in golden for file in make_golden.artifact(name)}
    there = {path.name for path in make_golden.FOLDER.iterdir()}
    assert there == expected | {"README.md", make_golden.ROWS, "snapshot-v1.npz"}


@pytest.mark.parametrize("name", FITTED)
def test_a_golden_artifact_can_be_made_of_every_fitted_detector(name: str, tmp_path: Path) -> None:
    rows = (make_golden.FOLDER / make_golden.ROWS).read_bytes()
    (tmp_path / make_golden.ROWS).write_bytes(rows)
    model, key, scores = make_golden.make(name, tmp_path)
    loaded = load_bytes(model.read_bytes(), TrustedKeys([PublicKey.from_pem(key.read_bytes())]))
    again = loaded.score(np.load(tmp_path / make_golden.ROWS)).score
    np.testing.assert_array_equal(again, np.load(scores))


def test_a_golden_artifact_is_never_written_again(tmp_path: Path) -> None:
    target = make_golden.artifact("zscore", tmp_path)[1]
    target.write_text("old")
    with pytest.raises(make_golden.Refused, match=r"zscore-v1\.pem: already there"):
        make_golden.make("zscore", tmp_path)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_only_what_can_be_saved_has_a_golden_artifact(tmp_path: Path) -> None:
    with pytest.raises(make_golden.Refused, match="a batch one is needed"):
        make_golden.make("adaptive", tmp_path)
    with pytest.raises(make_golden.Refused, match="valid choices: isolation_forest"):
        make_golden.make("nothing", tmp_path)


def test_every_kernel_has_a_test_of_its_own() -> None:
    missing = [
        f"tests/unit/ad_detectors/kernels/test_{path.name}"
        for path in sorted(KERNELS.glob("*.py"))
        if compiled(path) and not (UNIT / "kernels" / f"test_{path.name}").exists()
    ]
    assert not missing, f"compare the kernel with a slow twin under tests/oracles/ad_detectors: {missing}"


def test_every_test_of_kernels_knows_a_slow_twin() -> None:
    without = [
        path.name
        for path in sorted((UNIT / "kernels").glob("test_*.py"))
        if compiled(KERNELS / path.name.removeprefix("test_"))
        and "tests.oracles.ad_detectors" not in path.read_text()
    ]
    assert not without, f"a kernel is compared with plain Python under tests/oracles/ad_detectors: {without}"


def test_no_two_tuples_of_kernels_look_alike() -> None:
    """numba tells named tuples apart by name and fields: of two alike, one is looked up slowly at each call."""
    known: dict[tuple[str, ...], str] = {}
    for path in sorted(KERNELS.glob("*.py")):
        for node in ast.walk(project.parse(path)):
            if isinstance(node, ast.ClassDef) and "NamedTuple" in map(ast.unparse, node.bases):
                fields = [ast.unparse(part.target) for part in node.body if isinstance(part, ast.AnnAssign)]
                looks = (node.name, *fields)
                assert looks not in known, (
                    f"{path.name} and {known[looks]} have the same {node.name}: share it"
                )
                known[looks] = path.name


def test_no_detector_looks_at_a_clock() -> None:
    clocks = {"time", "datetime"}
    found = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in project.modules(PACKAGE)
        for name in clocks & imported_modules(path)
    ]
    assert not found, f"a replay would score differently: {found}"


def test_every_kernel_is_compiled_by_the_warm_up() -> None:
    command = [sys.executable, "-c", WARM, *sorted(kernels_in_use())]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not done.stdout, f"ad_detectors/warmup.py does not reach {done.stdout.split()}"
