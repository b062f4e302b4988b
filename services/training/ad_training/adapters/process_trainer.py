"""Fits in a process of its own: its memory, its crashes and its compiled code stay out of the service."""

import asyncio
import contextlib
import json
import os
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ad_chassis.logs import get_logger
from ad_training.domain.exits import reason_of_exit
from ad_training.ports import FitOrder, Fitted, OnProgress, TrainingFailed

WORKER = (sys.executable, "-m", "ad_training.adapters.worker")
ORDER, RESULT, ARTIFACT, ERRORS = "order.json", "result.json", "model.adm", "errors.txt"
GRACE_SECONDS = 2.0
LAST_WORDS_BYTES = 4000
# The process gets no secret of the service: only what an interpreter needs to run.
PASSED_ON = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME",
)  # fmt: skip
# One core per job, so that jobs and service share the machine fairly; fewer arenas keep memory countable.
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
ONE_THREAD = dict.fromkeys(THREADS, "1") | {"MALLOC_ARENA_MAX": "2"}
log = get_logger("training")


class ProcessTrainer:
    def __init__(self, keys_dir: Path, command: Sequence[str] = WORKER) -> None:
        self._keys_dir = keys_dir
        self._command = command

    async def fit(self, order: FitOrder, on_progress: OnProgress) -> Fitted:
        folder = order.folder
        await asyncio.to_thread((folder / ORDER).write_text, self._document(order))
        errors = await asyncio.to_thread((folder / ERRORS).open, "wb")
        with errors:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                str(folder),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                env={name: os.environ[name] for name in PASSED_ON if name in os.environ} | ONE_THREAD,
                start_new_session=True,
            )
        try:
            await _follow(process, on_progress)
            code = await process.wait()
        finally:
            await _end(process)
        return await asyncio.to_thread(_result, folder, code, order.memory_limit_mb)

    def _document(self, order: FitOrder) -> str:
        return json.dumps(
            {
                "algorithm": order.algorithm,
                "parameters": order.parameters,
                "contamination": order.contamination,
                "columns": list(order.columns),
                "data": str(order.data),
                "memory_limit_mb": order.memory_limit_mb,
                "keys_dir": str(self._keys_dir),
            }
        )


async def _follow(process: Process, on_progress: OnProgress) -> None:
    """Its lines are JSON objects with the share that is done; whatever else a library prints is passed over."""
    if process.stdout is None:
        return
    async for line in process.stdout:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            share = float(json.loads(line)["progress"])
            await on_progress(share)


async def _end(process: Process) -> None:
    """Asks, then kills; never leaves it behind, even when this is cancelled once more meanwhile."""
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(GRACE_SECONDS):
            await process.wait()
    except TimeoutError:
        log.warning("training process did not end when asked and is killed", pid=process.pid)
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.shield(process.wait())


def _result(folder: Path, code: int, memory_limit_mb: int) -> Fitted:
    result = _read(folder / RESULT)
    if code != 0 or result is None:
        words = _last_words(folder / ERRORS)
        log.warning("training process failed", code=code, last_words=words[-1000:])
        raise TrainingFailed(reason_of_exit(code, words, memory_limit_mb))
    if "error" in result:
        raise TrainingFailed(str(result["error"]))
    fitted = Fitted(b"", int(result["rows"]), {name: float(each) for name, each in result["metrics"].items()})
    return replace(fitted, artifact=(folder / ARTIFACT).read_bytes())


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return content


def _last_words(path: Path) -> str:
    return path.read_bytes()[-LAST_WORDS_BYTES:].decode(errors="replace")
