"""`anomaly_detection streams`: streams of a running platform, and records into them."""

import json as text
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from anomaly_detection.cli.changing import change
from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected, group
from anomaly_detection.cli.options import Params
from anomaly_detection.cli.partitions import partitions
from anomaly_detection.cli.progress import note
from anomaly_detection.cli.stream_settings import (
    Algorithm,
    AllowedLateness,
    MaxEntities,
    Silence,
    settings_of,
)
from anomaly_detection.cli.stream_view import show_stream
from anomaly_detection.errors import CliError

app = group(
    "Streams: create them, send records, see what was rejected.\n\nExample: anomaly_detection streams list"
)
app.command()(partitions)
app.command()(change)
Name = Annotated[str, typer.Argument(help="Name of the stream.")]
FIRST_REASONS = 10
EntityState = Literal["cold", "evicted", "refused"]


@app.command("list")
def list_streams(server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """All streams with what they took.

    Example: anomaly_detection streams list
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        items = list(client.streams.list())
    if json:
        printing.as_json({"items": items})
        return
    lines = [{**item, **(item.get("counts") or {})} for item in items]
    names = ("name", "accepted", "rejected", "created_at", "topic")
    printing.records(printing.counted(len(items), "stream"), names, lines)


@app.command()
def show(name: Name, server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """One stream with its schema.

    Example: anomaly_detection streams show pumps
    """
    with connected(server, api_key) as client:
        show_stream(client.streams.get(name), json)


@app.command()
def create(
    name: Name,
    schema: Annotated[
        Path | None, typer.Option(help='JSON file with {"fields": [{"name", "type"}]}; else inferred.')
    ] = None,
    entity: Annotated[str | None, typer.Option(help="Field that tells the entities apart.")] = None,
    timestamp: Annotated[str | None, typer.Option(help="Field with the time of a record.")] = None,
    algorithm: Algorithm = None,
    param: Params = None,
    max_entities: MaxEntities = None,
    allowed_lateness_seconds: AllowedLateness = None,
    silence_seconds: Silence = None,
    publish_scores: Annotated[
        bool, typer.Option("--publish-scores", help="Keep every score, not only those of anomalies.")
    ] = False,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Make a stream; without a schema it is inferred from the first records and then fixed.

    Example: anomaly_detection streams create pumps --entity pump --timestamp time

    Example: anomaly_detection streams create sensors --entity sensor --algorithm adaptive --param size=light

    Example: anomaly_detection streams create sessions --entity session --max-entities 200000

    Example: anomaly_detection streams create meters --entity meter --timestamp time --silence-seconds 300
    """
    named = {key: value for key, value in (("entity", entity), ("timestamp", timestamp)) if value is not None}
    body: dict[str, Any] = named if schema is None else {"schema": _schema(schema) | named}
    settings = settings_of(
        param,
        publish_scores=publish_scores or None,
        algorithm=algorithm,
        max_entities=max_entities,
        allowed_lateness_seconds=allowed_lateness_seconds,
        silence_seconds=silence_seconds,
    )
    if settings:
        body["settings"] = settings
    with connected(server, api_key) as client:
        show_stream(client.streams.create(name, **body), json)


@app.command()
def send(
    name: Name,
    source: Annotated[Path, typer.Option("--input", help="CSV, JSON, NDJSON, Parquet or Arrow file.")],
    batch_rows: Annotated[int, typer.Option(min=1, max=100_000, help="Records of one request.")] = 5000,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Send the records of a file, in their order, and say what was rejected and why.

    Example: anomaly_detection streams send pumps --input pumps.csv
    """
    from anomaly_detection.cli import printing
    from anomaly_detection.cli.progress import bar

    with connected(server, api_key) as client, bar(f"sending {source.name}") as show_share:
        sent = client.records.send(name, source, batch_rows=batch_rows, progress=show_share)
    if json:
        printing.as_json(sent)
        return
    printing.details(f"{source.name} to {name}", sent, ("rows", "accepted", "rejected"))
    if sent["rejections"]:
        title = "the first reasons" if len(sent["rejections"]) > 1 else "the reason"
        printing.records(title, ("row", "field", "reason"), sent["rejections"][:FIRST_REASONS])
        note(f"all rejected records: anomaly_detection streams rejected {name}")


@app.command()
def rejected(
    name: Name,
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 50,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Records that were not taken, with the reason and the record itself.

    Example: anomaly_detection streams rejected pumps --limit 10
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        items = list(client.streams.rejected(name, limit=limit))
    if json:
        printing.as_json({"items": items})
    else:
        names = ("time", "field", "reason", "raw")
        title = f"{printing.counted(len(items), 'rejected record')} of {name}"
        printing.records(title, names, items)


@app.command()
def entities(
    name: Name,
    state: Annotated[
        EntityState, typer.Option(help="Not known well enough yet, forgotten, or not taken in.")
    ] = "cold",
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 50,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Entities that a stream does not know well enough, or no more; the latest first.

    Example: anomaly_detection streams entities pumps --state cold
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        items = list(client.streams.entities(name, state=state, limit=limit))
    if json:
        printing.as_json({"items": items})
    else:
        names = ("entity", "records", "first_time", "last_time")
        title = f"{printing.counted(len(items), f'{state} entity', f'{state} entities')} of {name}"
        printing.records(title, names, items)


@app.command()
def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Delete a stream; asks first when somebody is there to answer.

    Example: anomaly_detection streams delete pumps --yes
    """
    from anomaly_detection.cli import printing

    if not yes and sys.stdin.isatty():
        typer.confirm(f"delete the stream {name}?", abort=True, err=True)
    with connected(server, api_key) as client:
        client.streams.delete(name)
    if json:
        printing.as_json({"name": name, "deleted": True})
    else:
        note(f"deleted the stream {name}")


def _schema(path: Path) -> dict[str, Any]:
    try:
        found = text.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise CliError(f"{path}: no such file; give the path of a JSON file with the schema") from error
    except (ValueError, RecursionError) as error:
        raise CliError(f"{path}: not JSON: {error}") from error
    if isinstance(found, list):
        found = {"fields": found}
    if not isinstance(found, dict) or not isinstance(found.get("fields"), list):
        raise CliError(f'{path}: a schema is {{"fields": [{{"name": "load", "type": "float"}}, …]}}')
    return found
