"""Speed of every detector beside scikit-learn's, PyOD's, River's and AWS's: one process, one thread.

`python -m benchmarks.detectors [--quick] [--json FILE]`
"""

import argparse
import subprocess
import sys
from pathlib import Path

from threadpoolctl import threadpool_limits

from benchmarks.detectors import fitting, streaming, tabular
from benchmarks.figures import Figure, finish

IMPORT_MOST_SECONDS = 0.5
TIMED_IMPORT = """
import time
start = time.process_time()
from anomaly_detection import AnomalyDetector
print(time.process_time() - start)
"""


def import_seconds() -> float:
    """The best of three fresh interpreters that import the library."""
    run = [sys.executable, "-c", TIMED_IMPORT]
    return min(
        float(subprocess.run(run, capture_output=True, text=True, check=True).stdout) for _ in range(3)
    )


def main() -> int:
    """Measure, print, write; 1 when a figure misses what it must reach."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="10,000 rows instead of 100,000, shorter runs")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    budget, sizes = (0.05, (1, 100, 10_000)) if options.quick else (0.5, (1, 100, 100_000))
    with threadpool_limits(1):
        took = import_seconds()
        forest = tabular.scikit_learn_forest(budget, sizes)
        tables = tabular.measure(budget, sizes)
        streams = streaming.measure(budget)
        others = streaming.peers(budget, options.quick)
        fits = fitting.measure(options.quick)
    tabular.show(tables, forest)
    streaming.show(streams, others)
    fitting.show(fits)
    print(f"from anomaly_detection import AnomalyDetector: {took:.2f} s of CPU")
    imported = Figure("import", took, "s", IMPORT_MOST_SECONDS, None, took <= IMPORT_MOST_SECONDS)
    scored = [*tabular.figures(tables, forest), *streaming.figures(streams, others)]
    return finish([imported, *scored, *fitting.figures(fits)], options.json)
