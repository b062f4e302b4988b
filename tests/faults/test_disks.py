"""The disk of the whole platform is full: no file can grow beyond a limit, as the kernel enforces it.

A limit needs neither root nor a file system of its own, and unlike those it can be given to a process that runs. What
is written beyond it fails in the middle of a file, as on a full disk, with EFBIG instead of ENOSPC.
"""

import asyncio
import resource
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.system import System
from tests.e2e.test_distributed import new_database
from tests.faults.conftest import RUNS
from tests.faults.embedded import ROWS, EmbeddedRig

pytestmark = pytest.mark.timeout(120 + 60 * RUNS)
NOTHING, FILES_OF_THE_LAKE = 1_024, 32_768
"""What there is room for, in bytes of each file."""


@pytest.fixture
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[EmbeddedRig]:
    """On the embedded log; with the databases on the same disk, or on a server with a disk of its own."""
    database = ""
    if request.param == "PostgreSQL":
        database = await new_database(request.getfixturevalue("postgres").url)
    unset = {"KAFKA_BOOTSTRAP_SERVERS": "", "REDIS_URL": "", "DATABASE_URL": database}
    async with System(tmp_path, [None], unset) as system:
        rig = EmbeddedRig(system, database)
        await rig.open()
        yield rig
        await rig.close()


def limit_files(system: System, size_bytes: int) -> None:
    pid = system._processes[None].pid
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))


@pytest.mark.parametrize("run", range(RUNS))
@pytest.mark.parametrize(
    ("rig", "limit_bytes"),
    [("SQLite", FILES_OF_THE_LAKE), ("PostgreSQL", NOTHING), ("PostgreSQL", FILES_OF_THE_LAKE)],
    indirect=["rig"],
)
async def test_a_full_disk_under_lake_and_log_is_told_loudly_and_leaves_nothing_half_written(
    rig: EmbeddedRig, limit_bytes: int, run: int
) -> None:
    await rig.send(20 + run)
    limit_files(rig.system, limit_bytes)
    sending = asyncio.create_task(rig.send(20))
    reason = await rig.until_unwell()
    assert "failed" in reason, reason
    while len(rig.refusals) < 5:
        await asyncio.sleep(0.1)
    assert not sending.done()
    for frame in rig.lake():
        assert len(frame) == ROWS
    limit_files(rig.system, -1)
    await sending
    await rig.send(20)
    audit = await rig.audit()
    assert audit.clean, f"{audit}\n{rig.refusals[:3]}\n{rig.system.log(None)}"
