"""A process that has imported and compiled everything, and forks from there: a start in a tenth of the time.

Run as `python -m tests.faults.nursery`; takes a line of JSON for a request and gives one for an answer. When its input
ends, so do its children.
"""

import json
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

from ad_detectors.warmup import warm_up
from tests.faults import generator, worker

KINDS = {"worker": worker.run_worker, "generator": generator.run}


def main() -> None:
    warm_up()
    _say({"ready": True})
    children: set[int] = set()
    for line in sys.stdin:
        request = json.loads(line)
        if "poll" in request:
            _say({"code": _ended(request["poll"], children)})
            continue
        pid = os.fork()
        if pid == 0:
            _redirect(request["log"])
            KINDS[request["kind"]](request["settings"])
            return
        children.add(pid)
        _say({"pid": pid})
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _ended(pid: int, children: set[int]) -> int | None:
    """The exit code as subprocess tells it: negative for a signal."""
    found, status = os.waitpid(pid, os.WNOHANG)
    if found == 0:
        return None
    children.discard(pid)
    return os.waitstatus_to_exitcode(status)


def _redirect(log: str) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for old, new in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(old, new)


def _say(answer: Mapping[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
