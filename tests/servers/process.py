"""A server program that the tests started: on loopback, in its own folder, stopped by its own number."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 15.0


class MissingServer(Exception):
    """This machine has no such server; the message says what was tried."""


@dataclass(frozen=True, slots=True)
class Server:
    url: str
    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2].partition("/")[0])

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def new_folder(name: str) -> Iterator[Path]:
    """A folder for a server; kept when the start succeeds, because the server removes it when it is stopped."""
    folder = Path(tempfile.mkdtemp(prefix=f"ad-{name}-"))
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    command: Sequence[str | Path],
    folder: Path,
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
) -> subprocess.Popen[bytes]:
    with (folder / "output.log").open("wb") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=user,
        )


def run(command: Sequence[str | Path], folder: Path, user: str | None = None) -> None:
    process = start(command, folder, user=user)
    if process.wait(START_SECONDS) != 0:
        raise MissingServer(f"{Path(command[0]).name} failed: {tail(folder)}")


def wait_for_port(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise MissingServer(f"the server ended with code {process.returncode}: {tail(folder)}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    process.kill()
    raise MissingServer(f"the server did not listen within {START_SECONDS:.0f} s: {tail(folder)}")


def tail(folder: Path) -> str:
    text = (folder / "output.log").read_text(errors="replace").strip()
    return " | ".join(text.splitlines()[-5:])
