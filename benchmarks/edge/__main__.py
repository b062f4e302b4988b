"""The edge as it is run: live feeds.

`python -m benchmarks.edge [--quick] [--only NAME] [--json FILE]`
"""

import sys

from benchmarks.command import command
from benchmarks.edge import sockets
from benchmarks.edge.bench import Bench

SECTIONS = {"sockets": sockets.measure}


def main() -> int:
    return command(__doc__, SECTIONS, lambda quick: Bench(quick=quick), quick="fewer clients and calls")


if __name__ == "__main__":
    sys.exit(main())
