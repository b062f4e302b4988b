"""How well the detectors detect, on public benchmarks, beside the published figures.

`python -m benchmarks.accuracy [--adbench DIR] [--nab DIR] [--mts DIR] [--quick] [--json FILE]`
"""

import argparse
import time
from pathlib import Path

from benchmarks.accuracy import adbench, mts, nab
from benchmarks.figures import Figure, finish

DATA = Path(__file__).parents[3] / "shared" / "data"
PARTS = {"adbench": adbench, "nab": nab, "mts": mts}


def main() -> int:
    """Run the benchmarks whose data is there; 1 when a figure misses what it must reach."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in PARTS:
        parser.add_argument(f"--{name}", type=Path, metavar="DIR", help=f"folder of the {name} data")
    parser.add_argument("--quick", action="store_true", help="a part of the data; its figures say little")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    folders = {name: getattr(options, name) for name in PARTS}
    if not any(folders.values()):
        folders = {name: DATA / name for name in PARTS if (DATA / name).is_dir()}
    if not folders:
        parser.error("no data: name the folders with --adbench, --nab and --mts")
    figures: list[Figure] = []
    for name, folder in folders.items():
        if folder is not None:
            started = time.perf_counter()
            figures += PARTS[name].run(folder, options.quick)
            print(f"{name}: {time.perf_counter() - started:.0f} s\n", flush=True)
    return finish(figures, options.json)
