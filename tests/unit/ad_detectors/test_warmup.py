"""Readiness: after the warm-up no kernel is compiled."""

import subprocess
import sys

import pytest

# Whether kernels are asked for more types of arguments when a detector scores what services hand it: read-only arrays
# from Arrow, slices, one row or many.
WATCH = """
import sys
import numpy as np
from numba.core.dispatcher import Dispatcher
from ad_detectors import catalog
from ad_detectors.model import Model
from ad_detectors.warmup import warm_up

def signatures():
    modules = [module for path, module in sys.modules.items() if path.startswith("ad_detectors.kernels.")]
    kernels = {each for module in modules for each in vars(module).values() if isinstance(each, Dispatcher)}
    return sum(len(kernel.signatures) for kernel in kernels)

name = sys.argv[1]
warm_up([name])
rows = np.random.default_rng(0).normal(size=(64, 3))
rows.setflags(write=False)
streaming = catalog.get(name).kind == "streaming"
model = None if streaming else Model.train(name, rows)
before = signatures()
for table in (rows, rows[:1], rows[::2], np.asfortranarray(rows)):
    if streaming:
        detector = catalog.create_streaming(name)
        times = np.arange(len(table))
        times.setflags(write=False)
        detector.update(detector.new_state(2, 3), times * 0, table, times)
    else:
        model.score(table).explain()
print(before > 0, signatures() - before)
"""


def test_the_warm_up_imports_no_library_for_fitting() -> None:
    code = "import sys; from ad_detectors.warmup import warm_up; warm_up(); print('sklearn' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


@pytest.mark.parametrize("name", ["isolation_forest", "zscore", "knn", "pca", "adaptive", "ewma"])
def test_scoring_after_the_warm_up_compiles_nothing(name: str) -> None:
    found = subprocess.run([sys.executable, "-c", WATCH, name], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["True", "0"]
