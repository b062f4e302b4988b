"""Runs one service, or all of them in one process."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from ad_chassis.errors import SettingsError
from ad_chassis.hosting import Hosted, run, run_many, run_several
from ad_chassis.settings import PlatformSettings, load_settings
from anomaly_detection.serve.services import EDGE, SERVICES, build_of

ADMIN_KEY = "admin.key"
SCORING = "detection"


@dataclass(frozen=True)
class Options:
    """What the command line says; None leaves the environment's word."""

    host: str | None = None
    port: int | None = None
    data: Path | None = None
    workers: int | None = None


def chosen_settings(options: Options) -> PlatformSettings:
    """The environment, with what the command line says on top."""
    settings = load_settings()
    http = {
        name: value for name in ("host", "port", "workers") if (value := getattr(options, name)) is not None
    }
    runtime = {} if options.data is None else {"data_dir": options.data.expanduser().absolute()}
    return settings.model_copy(
        update={
            "http": settings.http.model_copy(update=http),
            "runtime": settings.runtime.model_copy(update=runtime),
        }
    )


def serve_one(name: str, options: Options) -> None:
    """Blocks until SIGTERM or SIGINT."""
    settings = chosen_settings(options)
    if settings.http.workers > 1:
        run_several([sys.executable, "-m", "anomaly_detection", "serve", name], settings)
        return
    if name == SCORING:
        # A worker is one core's; more threads would share each small batch, and cost it an eighth. Read at import.
        os.environ.setdefault("POLARS_MAX_THREADS", "1")
    run(name, build_of(name), settings)


def serve_all(options: Options) -> None:
    """Blocks until SIGTERM or SIGINT."""
    settings = chosen_settings(options)
    if settings.http.workers > 1:
        raise SettingsError(
            "API_WORKERS, --workers: all services in one process are one worker; start each service alone and the busy"
            " ones with several, such as: anomaly_detection serve detection --workers 2"
        )
    run_many([build_of(name) for name in SERVICES], settings, edge=EDGE, on_ready=announce)


def announce(hosted: Hosted) -> None:
    """Where to go from here, for the person who started it."""
    key = hosted.platform.data_dir / ADMIN_KEY
    print(  # noqa: T201 - the one thing that this command says
        f"\n  dashboard          {hosted.url}/\n"
        f"  API documentation  {hosted.url}/docs\n"
        f"  administrator key  {key}\n\n"
        "  stop with Ctrl-C\n",
        flush=True,
    )
