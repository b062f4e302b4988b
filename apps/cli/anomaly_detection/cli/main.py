"""The command `anomaly_detection`: its groups, and how errors are shown."""

import sys
import warnings
from collections.abc import Sequence
from typing import Annotated

import typer

from anomaly_detection.cli import (
    anomalies,
    api_keys,
    audit,
    dead_letters,
    jobs,
    models,
    replay,
    roles,
    streams,
    tenants,
    users,
)
from anomaly_detection.cli.algorithms import algorithms
from anomaly_detection.cli.detect import detect
from anomaly_detection.cli.evaluate import evaluate
from anomaly_detection.cli.login import login, logout, whoami
from anomaly_detection.cli.serve import serve
from anomaly_detection.cli.train import train
from anomaly_detection.errors import expected_errors


def _tell_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        sys.stdout.write(f"anomaly_detection {version('anomaly-detection')}\n")
        raise typer.Exit


app = typer.Typer(
    name="anomaly_detection",
    help="Find anomalies in files and streams.\n\n"
    "Example: anomaly_detection detect --input data.csv --algorithm isolation_forest",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _everywhere(
    version: Annotated[
        bool,
        typer.Option("--version", help="Tell the version and stop.", callback=_tell_version, is_eager=True),
    ] = False,
) -> None:
    pass


app.command()(detect)
app.command()(train)
app.command()(evaluate)
app.command()(algorithms)
app.command()(serve)
app.command()(login)
app.command()(logout)
app.command()(whoami)
app.add_typer(streams.app, name="streams")
app.add_typer(models.app, name="models")
app.add_typer(jobs.app, name="jobs")
app.add_typer(anomalies.app, name="anomalies")
app.add_typer(replay.app, name="replay")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(users.app, name="users")
app.add_typer(roles.app, name="roles")
app.add_typer(api_keys.app, name="api-keys")
app.add_typer(audit.app, name="audit")
app.add_typer(tenants.app, name="tenants")


def run(arguments: Sequence[str] | None = None) -> None:
    """Run a command; what the user can mend is one line on stderr and exit code 2."""
    with warnings.catch_warnings():
        warnings.showwarning = _warn
        try:
            app(args=None if arguments is None else list(arguments), prog_name="anomaly_detection")
        except expected_errors() as error:
            sys.stderr.write(f"error: {' '.join(str(error).split())}\n")
            sys.exit(2)


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    """A line for people, who know no file and no number of a line."""
    sys.stderr.write(f"warning: {message}\n")
