"""Servers of these tests' own, because they are stopped, killed and started again."""

import os
import shutil
import signal
import subprocess

from tests.servers.process import Server, start, wait_for_port

END_SECONDS = 60.0


class Breakable:
    """A local server that comes back with its data at the same address."""

    def __init__(self, made: Server, *, servant: str | None = None) -> None:
        self._made = made
        self.url = made.url
        self._servant = servant if os.geteuid() == 0 else None
        self._process = made.process

    @property
    def port(self) -> int:
        return self._made.port

    def end(self, number: int = signal.SIGTERM) -> None:
        """With SIGKILL as at a power cut; SIGQUIT is PostgreSQL's immediate stop."""
        self._process.send_signal(number)
        self._process.wait(END_SECONDS)

    def start(self) -> None:
        made = self._made
        command = [str(part) for part in _arguments(made.process)]
        self._process = start(command, made.folder, user=self._servant)
        wait_for_port(self.port, self._process, made.folder)

    def close(self) -> None:
        """Nothing of it is needed any more, so there is no goodbye."""
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._made.folder, ignore_errors=True)


def _arguments(process: subprocess.Popen[bytes]) -> list[str]:
    """Its command line, as the process object remembers it."""
    command = process.args
    assert isinstance(command, list)
    return [str(part) for part in command]
