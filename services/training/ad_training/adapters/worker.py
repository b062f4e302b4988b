"""The process that fits one model: `python -m ad_training.adapters.worker FOLDER`.

FOLDER holds `order.json`; `result.json` and `model.adm` are written there, progress to standard output, one JSON
object a line. It ends with its parent: standard input is open as long as that lives.
"""

import json
import os
import resource
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ad_data.arrow import read_arrow
from ad_data.errors import DataError
from ad_detectors import catalog
from ad_detectors.artifact import save_bytes
from ad_detectors.artifact.keyring import KeyRing
from ad_detectors.errors import DetectorError
from ad_detectors.matrix import Floats
from ad_detectors.model import Model
from ad_training.domain.exits import out_of_memory
from ad_training.domain.table import too_few

LOADED, READ, FITTED, SAVED = 0.2, 0.3, 0.9, 1.0
POLITENESS = 5
Report = Callable[[float], None]


def main(folder: Path) -> None:
    report = _open_channel()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(POLITENESS)
    order = json.loads((folder / "order.json").read_text())
    _load_libraries(order["algorithm"])
    report(LOADED)
    try:
        _limit_memory(order["memory_limit_mb"] * 2**20)
        result = _train(order, folder, report)
    except (DetectorError, DataError) as error:
        no_memory = isinstance(error.__cause__, MemoryError)
        result = {"error": out_of_memory(order["memory_limit_mb"]) if no_memory else str(error)}
    except MemoryError:
        result = {"error": out_of_memory(order["memory_limit_mb"])}
    _limit_memory(None)
    (folder / "result.json").write_text(json.dumps(result))


def _train(order: dict[str, Any], folder: Path, report: Report) -> dict[str, Any]:
    columns = order["columns"]
    rows = matrix(Path(order["data"]), columns)
    report(READ)
    # No time of creation: the same data and parameters are the same artifact, and so the same version.
    model = Model.train(
        order["algorithm"],
        rows,
        columns,
        contamination=order["contamination"],
        parameters=order["parameters"],
    )
    report(FITTED)
    (folder / "model.adm").write_bytes(save_bytes(model, KeyRing(Path(order["keys_dir"])).signing()))
    report(SAVED)
    return {"rows": model.training.rows, "metrics": dict(model.training.metrics)}


def matrix(path: Path, columns: list[str]) -> Floats:
    """The columns of an Arrow file in this order; NaN where a value is missing."""
    frame = read_arrow(path.read_bytes())
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise DataError(
            f"the records have no column {', '.join(missing)}; they have {', '.join(frame.columns)}"
        )
    if frame.height == 0:
        raise DataError("no records were found there; choose another period, or send records first")
    if reason := too_few(frame.height):
        raise DataError(f"{reason}; choose a longer period or a higher limit, or send more records first")
    found = np.empty((frame.height, len(columns)))
    for position, name in enumerate(columns):
        found[:, position] = frame[name].cast(float).to_numpy()
    return found


def _load_libraries(algorithm: str) -> None:
    """A tiny fit brings in all that this detector needs, so that the limit counts data and model only."""
    catalog.create(algorithm).fit(np.random.default_rng(0).normal(size=(64, 2))).warm_up()


def _limit_memory(more_bytes: int | None) -> None:
    """Of address space, beyond what is in use now; None lifts the limit."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    soft = hard if more_bytes is None else _address_space_bytes() + more_bytes
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _address_space_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _open_channel() -> Report:
    """Progress goes to the real standard output; what libraries print goes to standard error."""
    channel = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)

    def report(share: float) -> None:
        channel.write(json.dumps({"progress": share}) + "\n")

    return report


def _end_with_parent() -> None:
    # Not through sys.stdin, whose lock would keep the interpreter from ending while this waits.
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
