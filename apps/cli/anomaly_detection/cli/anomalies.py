"""`anomaly_detection anomalies`: those that are kept, and those that arrive."""

import sys
from collections.abc import Mapping
from itertools import islice
from typing import Annotated, Any

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, group
from anomaly_detection.cli.connection import connected as connected_to
from anomaly_detection.cli.progress import note

app = group("Anomalies: the newest, or live.\n\nExample: anomaly_detection anomalies follow")
Severity = Annotated[
    str | None, typer.Option(help="The lowest to show: low, medium, high or critical.", show_default=False)
]
MOST_FEATURES = 3


@app.command("list")
def list_anomalies(
    stream: Annotated[str | None, typer.Option(help="Only those of this stream.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only those of this entity.")] = None,
    severity: Severity = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 20,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Stored anomalies, the newest first.

    Example: anomaly_detection anomalies list --stream pumps --severity high
    """
    from anomaly_detection.cli import printing

    wanted = {"stream": stream, "entity": entity, "severity": severity}
    with connected_to(server, api_key) as api:
        items = api.pages("/anomalies", {key: value for key, value in wanted.items() if value}, limit)
    if json:
        printing.as_json({"items": items})
        return
    columns = ("time", "stream", "entity", "score", "one in", "severity", "because")
    printing.table(f"{len(items)} anomalies", columns, [list(_line(item).values()) for item in items])


@app.command()
def follow(
    stream: Annotated[
        list[str] | None, typer.Option(help="Only those of this stream; may be repeated.")
    ] = None,
    entity: Annotated[
        list[str] | None, typer.Option(help="Only those of this entity; may be repeated.")
    ] = None,
    severity: Severity = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many.", show_default=False)] = None,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object per line, for programs.")] = False,
) -> None:
    """Anomalies as they are found, until Ctrl-C; a lost connection is made again and nothing is missed.

    Example: anomaly_detection anomalies follow --stream pumps --severity high --json
    """
    from anomaly_detection.cli import printing
    from anomaly_detection.client.address import address_of
    from anomaly_detection.client.feed import Feed

    wanted = {"stream": stream, "entity": entity, "severity": [severity] if severity else None}
    query = {key: value for key, value in wanted.items() if value}
    feed = Feed(address_of(server, api_key), query, note)
    for anomaly in islice(feed.anomalies(), limit):
        if json:
            printing.as_json(anomaly)
        else:
            sys.stdout.write("  ".join(_line(anomaly).values()) + "\n")
        # A reader at the other end of a pipe must not wait for a buffer to fill.
        sys.stdout.flush()


def _line(anomaly: Mapping[str, Any]) -> dict[str, str]:
    from anomaly_detection.cli.printing import cell

    probability = anomaly.get("probability") or 0.0
    return {
        "time": cell(anomaly.get("event_time")),
        "stream": cell(anomaly.get("stream")),
        "entity": cell(anomaly.get("entity")),
        "score": f"{anomaly['score']:.4f}",
        "one in": f"{1 / probability:,.0f}" if probability else "-",
        "severity": cell(anomaly.get("severity")),
        "because": _because(anomaly),
    }


def _because(anomaly: Mapping[str, Any]) -> str:
    """The features that made it one, the strongest first."""
    from anomaly_detection.cli.printing import cell

    shares = anomaly.get("contributions") or {}
    strongest = sorted((name for name in shares if shares[name] > 0), key=lambda name: -shares[name])
    values, normal = anomaly.get("value") or {}, anomaly.get("expected") or {}
    parts = [
        f"{cell(name)}={cell(values.get(name))} (normal {cell(normal.get(name))})"
        for name in strongest[:MOST_FEATURES]
    ]
    return ", ".join(parts)
