"""Readiness: after the warm-up no kernel is compiled."""

import subprocess
import sys

import numpy as np

from ad_detectors.kernels.adaptive import update_rows
from ad_detectors.kernels.forest import forest_contributions, forest_scores
from ad_detectors.model import Model
from ad_detectors.streaming.adaptive import Adaptive
from ad_detectors.warmup import warm_up

KERNELS = (update_rows, forest_scores, forest_contributions)


def test_the_warm_up_imports_no_library_for_fitting() -> None:
    code = "import sys; from ad_detectors.warmup import warm_up; warm_up(); print('sklearn' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_scoring_after_the_warm_up_compiles_nothing() -> None:
    warm_up()
    compiled = [len(kernel.signatures) for kernel in KERNELS]
    rows = np.random.default_rng(0).normal(size=(50, 3))
    model = Model.train("isolation_forest", rows)
    model.score(np.asfortranarray(rows)).explain()
    detector = Adaptive()
    detector.update(detector.new_state(4, 3), np.zeros(50, np.int64), rows[:, ::-1], np.arange(50))
    assert [len(kernel.signatures) for kernel in KERNELS] == compiled
