"""`python -m tests.servers`: all servers for a benchmark or for trying things out, until Ctrl-C."""

import contextlib
import signal

from tests.servers.obtain import KINDS, obtain


def main() -> None:
    with contextlib.ExitStack() as stack:
        for kind in KINDS:
            server = obtain(kind)
            stack.callback(server.stop)
            print(f"export {kind.variable}={server.url}", flush=True)
        # Blocked only now: the servers would inherit it and then not hear when they are told to stop.
        ends = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        signal.sigwait(ends)


if __name__ == "__main__":
    main()
