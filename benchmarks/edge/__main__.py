"""The edge as it is run: requests beside a bare route, tokens, a flood, live feeds.

`python -m benchmarks.edge [--quick] [--only NAME] [--json FILE]`
"""

import sys

from benchmarks.command import command
from benchmarks.edge import flood, requests, sockets, tokens
from benchmarks.edge.bench import Bench

SECTIONS = {
    "requests": requests.measure,
    "tokens": tokens.measure,
    "flood": flood.measure,
    "sockets": sockets.measure,
}


def main() -> int:
    return command(__doc__, SECTIONS, lambda quick: Bench(quick=quick), quick="fewer clients and calls")


if __name__ == "__main__":
    sys.exit(main())
