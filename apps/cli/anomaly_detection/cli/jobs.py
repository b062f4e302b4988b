"""`anomaly_detection jobs`: training on a running platform."""

import os
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected, group
from anomaly_detection.cli.options import ALGORITHM_HELP, Params, check_contamination, names_of, parameters_of
from anomaly_detection.cli.progress import bar, note
from anomaly_detection.errors import CliError

if TYPE_CHECKING:
    from anomaly_detection.client.answers import Job
    from anomaly_detection.client.threads import Client

app = group("Training jobs on the platform.\n\nExample: anomaly_detection jobs list")
Id = Annotated[str, typer.Argument(help="Id of the job.", metavar="ID")]


@app.command("list")
def list_jobs(server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """All training jobs.

    Example: anomaly_detection jobs list
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        items = list(client.jobs.list())
    if json:
        printing.as_json({"items": items})
    else:
        lines = [item | {"status": _status(item), "model": _made(item)} for item in items]
        names = ("id", "status", "model", "created_at")
        printing.records(printing.counted(len(items), "job"), names, lines, spare="created_at")


@app.command()
def start(
    model: Annotated[str, typer.Option(help="Name of the model; each job makes its next version.")],
    stream: Annotated[str, typer.Option(help="Stream whose records are learnt from.")],
    algorithm: Annotated[str, typer.Option(help=ALGORITHM_HELP)] = "isolation_forest",
    contamination: Annotated[
        float | None, typer.Option(help="Share of the records above the threshold, up to 0.5.")
    ] = None,
    columns: Annotated[str | None, typer.Option(help="Features, divided by commas. [default: all]")] = None,
    param: Params = None,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until the job has ended.")] = False,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Train a model on the records of a stream.

    Example: anomaly_detection jobs start --model pumps --algorithm isolation_forest --stream pumps --wait
    """
    check_contamination(contamination)
    given: dict[str, Any] = {
        "contamination": contamination,
        "columns": names_of(columns),
        "parameters": parameters_of(param) or None,
    }
    with connected(server, api_key) as client:
        job = client.jobs.start(model, stream, algorithm=algorithm, **given)
        if wait:
            job = _ended(client, job)
    _show(job, json)
    if wait and job["status"] != "succeeded":
        raise CliError(f"job {job['id']} {job['status']}: {job.get('error') or 'no reason was given'}")
    if wait and not json:
        note(f"let it score the stream: {_promotion(job, stream, server)}")


@app.command()
def show(job: Id, server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """One job, with its error when it failed.

    Example: anomaly_detection jobs show 0190f3c2-7d4e-7c1a-9f5b-3e2d1c0b9a87
    """
    with connected(server, api_key) as client:
        _show(client.jobs.get(job), json)


@app.command()
def cancel(job: Id, server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """Stop a job that has not ended.

    Example: anomaly_detection jobs cancel 0190f3c2-7d4e-7c1a-9f5b-3e2d1c0b9a87
    """
    with connected(server, api_key) as client:
        _show(client.jobs.cancel(job), json)


def _status(job: Mapping[str, Any]) -> str:
    share = job.get("progress") or 0.0
    return f"{job['status']} {share:.0%}" if job["status"] == "running" else str(job["status"])


def _made(job: Mapping[str, Any]) -> str:
    return f"{job['model']}@{job['version']}" if job.get("version") else str(job["model"])


def _promotion(job: Mapping[str, Any], stream: str, server: str) -> str:
    """The command, as it must be typed here."""
    words = ["models", "promote", job["model"], "--stream", stream, "--version", str(job["version"])]
    if server not in {DEFAULT_SERVER, os.environ.get("ANOMALY_DETECTION_URL")}:
        words += ["--server", server]
    return shlex.join(["anomaly_detection", *words])


def _ended(client: "Client", job: "Job") -> "Job":
    """The job after its end; leaving early leaves it running."""
    try:
        with bar(f"training {job['model']}") as advance:
            return client.jobs.wait(job, progress=advance)
    except KeyboardInterrupt:
        note(f"the job goes on; anomaly_detection jobs show {job['id']}, or jobs cancel {job['id']}")
        raise


def _show(job: Mapping[str, Any], json: bool) -> None:
    from anomaly_detection.cli import printing

    if json:
        printing.as_json(job)
    else:
        printing.details(f"job {job.get('id')}", job)
