"""`anomaly_detection jobs`: training on a running platform."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected, group
from anomaly_detection.cli.options import BATCH, names_of, parameters_of
from anomaly_detection.cli.progress import bar, note
from anomaly_detection.errors import CliError

if TYPE_CHECKING:
    from anomaly_detection.client.api import Api

app = group("Training jobs on the platform.\n\nExample: anomaly_detection jobs list")
Id = Annotated[str, typer.Argument(help="Id of the job.", metavar="ID")]
POLL_SECONDS = 0.5
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
        names = ("id", "status", "progress", "model", "version", "rows", "created_at")
        printing.records(f"{len(items)} jobs", names, items)


@app.command()
def start(
    model: Annotated[str, typer.Option(help="Name of the model; each job makes its next version.")],
    stream: Annotated[str, typer.Option(help="Stream whose records are learnt from.")],
    algorithm: Annotated[str, typer.Option(help=f"One of {BATCH}.")] = "isolation_forest",
    contamination: Annotated[
        float | None, typer.Option(help="Share of the records above the threshold, up to 0.5.")
    ] = None,
    columns: Annotated[str | None, typer.Option(help="Features, divided by commas. [default: all]")] = None,
    param: Annotated[list[str] | None, typer.Option(help="Parameter of the algorithm: name=value.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until the job has ended.")] = False,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Train a model on the records of a stream.

    Example: anomaly_detection jobs start --model pumps --algorithm isolation_forest --stream pumps --wait
    """
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


@app.command()
def show(job: Id, server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """One job, with its error when it failed.

    Example: anomaly_detection jobs show 0190f3c2
    """
    from anomaly_detection.client.api import segment

    with connected(server, api_key) as api:
        _show(api.call("GET", f"/train/{segment(job)}"), json)


@app.command()
def cancel(job: Id, server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """Stop a job that has not ended.

    Example: anomaly_detection jobs cancel 0190f3c2
    """
    from anomaly_detection.client.api import segment

    with connected(server, api_key) as api:
        _show(api.call("POST", f"/train/{segment(job)}/cancel"), json)


def _ended(api: "Api", job: dict[str, Any]) -> dict[str, Any]:
    """The job after its end; leaving early leaves it running."""
    from anomaly_detection.client.api import segment

    with bar(f"training {job['model']}") as advance:
        try:
            while job["status"] in RUNNING:
                time.sleep(POLL_SECONDS)
                job = api.call("GET", f"/train/{segment(job['id'])}")
                advance(job.get("progress") or 0.0)
        except KeyboardInterrupt:
            note(f"the job goes on; anomaly_detection jobs show {job['id']}, or jobs cancel {job['id']}")
            raise
    return job


def _show(job: dict[str, Any], json: bool) -> None:
    from anomaly_detection.cli import printing

    if json:
        printing.as_json(job)
    else:
        printing.details(f"job {job.get('id')}", job)
