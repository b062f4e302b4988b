"""A process per fit: it reports, fails, crashes, and is ended; the service goes on."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from ad_training.adapters import process_trainer
from ad_training.adapters.process_trainer import ProcessTrainer
from ad_training.ports import FitOrder, TrainingFailed

ANSWER = """
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
print("a library says something")
print(json.dumps({"progress": 0.5}), flush=True)
(folder / "model.adm").write_bytes(b"model")
(folder / "result.json").write_text(json.dumps({"rows": 3, "metrics": {"m": 1}}))
"""
WAIT = """
import os, pathlib, signal, sys, threading
IGNORE
(pathlib.Path(sys.argv[1]) / "pid").write_text(str(os.getpid()))
print('{"progress": 0.1}', flush=True)
threading.Event().wait()
"""
STUBBORN = WAIT.replace("IGNORE", "signal.signal(signal.SIGTERM, signal.SIG_IGN)")


async def fit(folder: Path, code: str, seen: list[float] | None = None):
    async def on_progress(share: float) -> None:
        (seen if seen is not None else []).append(share)

    order = FitOrder(
        algorithm="zscore",
        parameters={},
        contamination=0.05,
        columns=("load",),
        data=folder / "data.arrow",
        folder=folder,
        memory_limit_mb=64,
    )
    return await ProcessTrainer(folder / "keys", (sys.executable, "-c", code)).fit(order, on_progress)


async def ended(folder: Path) -> bool:
    try:
        os.kill(int((folder / "pid").read_text()), 0)
    except ProcessLookupError:
        return True
    return False


async def test_the_result_is_read_and_progress_is_told(tmp_path) -> None:
    seen: list[float] = []
    fitted = await fit(tmp_path, ANSWER, seen)
    assert (fitted.artifact, fitted.rows, fitted.metrics, seen) == (b"model", 3, {"m": 1.0}, [0.5])


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "killed by the system"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashed with SIGSEGV"),
        ("import sys; sys.exit('odd data')", "exit code 1: odd data"),
        ("pass", "exit code 0"),
        (
            "import sys, pathlib; pathlib.Path(sys.argv[1], 'result.json').write_text('{\"error\": \"no rows\"}')",
            "no rows",
        ),
    ],
)
async def test_a_process_without_a_result_is_a_failure_with_its_reason(tmp_path, code, reason) -> None:
    with pytest.raises(TrainingFailed, match=reason):
        await fit(tmp_path, code)


@pytest.mark.parametrize("code", [WAIT.replace("IGNORE", ""), STUBBORN], ids=["obeys", "ignores"])
async def test_cancelling_ends_the_process_even_one_that_does_not_listen(tmp_path, monkeypatch, code) -> None:
    monkeypatch.setattr(process_trainer, "GRACE_SECONDS", 0.1)
    seen: list[float] = []
    task = asyncio.create_task(fit(tmp_path, code, seen))
    async with asyncio.timeout(10):
        while not seen:
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await ended(tmp_path)


async def test_the_process_gets_no_secret_of_the_service(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:secret@db/x")
    with pytest.raises(TrainingFailed, match="exit code 1: None"):
        await fit(tmp_path, "import os, sys; sys.exit(repr(os.environ.get('DATABASE_URL')))")
