"""The processes of this host."""

import os
import socket

from ad_ingestion.domain.owners import Owner


class HostProcesses:
    def is_alive(self, pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


def this_process() -> Owner:
    return Owner.new(socket.gethostname(), os.getpid())
