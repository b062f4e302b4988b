"""`anomaly_detection jobs`: training on a running platform."""

import os
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected, group
from anomaly_detection.cli.options import ALGORITHM_HELP, Params, check_contamination, names_of, parameters_of
from anomaly_detection.cli.progress import followed, note
from anomaly_detection.errors import CliError

if TYPE_CHECKING:
    from anomaly_detection.client.api import Api

app = group("Training jobs on the platform.\n\nExample: anomaly_detection jobs list")
Id = Annotated[str, typer.Argument(help="Id of the job.", metavar="ID")]
RUNNING = {"queued", "running"}


@app.command("list")
def list_jobs(server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """All training jobs.

    Example: anomaly_detection jobs list
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as api:
        items = api.pages("/train", {})
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
    body: dict[str, Any] = {"model": model, "algorithm": algorithm, "source": {"stream": stream}}
    body |= {key: value for key, value in given.items() if value is not None}
    with connected(server, api_key) as api:
        job = api.call("POST", "/train", json=body)
        if wait:
            job = _ended(api, job)
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
    from anomaly_detection.client.api import segment

    with connected(server, api_key) as api:
        _show(api.call("GET", f"/train/{segment(job)}"), json)


@app.command()
def cancel(job: Id, server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """Stop a job that has not ended.

    Example: anomaly_detection jobs cancel 0190f3c2-7d4e-7c1a-9f5b-3e2d1c0b9a87
    """
    from anomaly_detection.client.api import segment

    with connected(server, api_key) as api:
        _show(api.call("POST", f"/train/{segment(job)}/cancel"), json)


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


def _ended(api: "Api", job: dict[str, Any]) -> dict[str, Any]:
    """The job after its end; leaving early leaves it running."""
    from anomaly_detection.client.api import segment

    address = f"/train/{segment(job['id'])}"
    try:
        return followed(f"training {job['model']}", job, "status", RUNNING, lambda: api.call("GET", address))
    except KeyboardInterrupt:
        note(f"the job goes on; anomaly_detection jobs show {job['id']}, or jobs cancel {job['id']}")
        raise


def _show(job: dict[str, Any], json: bool) -> None:
    from anomaly_detection.cli import printing

    if json:
        printing.as_json(job)
    else:
        printing.details(f"job {job.get('id')}", job)
