"""`anomaly_detection anomalies`: those that are kept, and those that arrive."""

import sys
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, group
from anomaly_detection.cli.connection import connected as connected_to
from anomaly_detection.cli.progress import note

if TYPE_CHECKING:
    from anomaly_detection.client.threads import Client

app = group("Anomalies: the newest, or live.\n\nExample: anomaly_detection anomalies follow")
Severity = Annotated[
    str | None, typer.Option(help="The lowest to show: low, medium, high or critical.", show_default=False)
]
Kind = Annotated[
    str | None,
    typer.Option(help="record: odd records; silence: nothing came for too long.", show_default=False),
]
Superseded = Annotated[
    bool, typer.Option("--superseded", help="Also what corrections superseded or retracted.")
]
Limit = Annotated[int, typer.Option(min=1, help="How many to show.")]


@app.command("list")
def list_anomalies(
    stream: Annotated[str | None, typer.Option(help="Only those of this stream.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only those of this entity.")] = None,
    severity: Severity = None,
    kind: Kind = None,
    episode: Annotated[str | None, typer.Option(help="Only those of this episode.")] = None,
    superseded: Superseded = False,
    limit: Limit = 20,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Stored anomalies, the newest first.

    Example: anomaly_detection anomalies list --stream pumps --severity high
    """
    from anomaly_detection.cli import printing

    with connected_to(server, api_key) as client:
        items = list(
            client.anomalies.list(
                stream=stream,
                entity=entity,
                severity=severity,
                kind=kind,
                episode=episode,
                superseded=superseded or None,
                limit=limit,
            )
        )
    if json:
        printing.as_json({"items": items})
        return
    title = printing.counted(len(items), "anomaly", "anomalies") + (f" of {stream}" if stream else "")
    _table(title, [_line(item) for item in items], stream)


@app.command()
def episodes(
    stream: Annotated[str | None, typer.Option(help="Only those of this stream.")] = None,
    entity: Annotated[str | None, typer.Option(help="Only those of this entity.")] = None,
    severity: Severity = None,
    kind: Kind = None,
    superseded: Superseded = False,
    limit: Limit = 20,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Consecutive anomalies of an entity as one, with start, end and peak; the one that began last first.

    --json shows their ids as well, for anomalies list --episode ID.

    Example: anomaly_detection anomalies episodes --stream pumps
    """
    from anomaly_detection.cli import printing

    with connected_to(server, api_key) as client:
        items = list(
            client.episodes.list(
                stream=stream,
                entity=entity,
                severity=severity,
                kind=kind,
                superseded=superseded or None,
                limit=limit,
            )
        )
    if json:
        printing.as_json({"items": items})
        return
    title = printing.counted(len(items), "episode") + (f" of {stream}" if stream else "")
    _table(title, [_episode_line(item) for item in items], stream)


@app.command()
def follow(
    stream: Annotated[
        list[str] | None, typer.Option(help="Only those of this stream; may be repeated.", metavar="<str>")
    ] = None,
    entity: Annotated[
        list[str] | None, typer.Option(help="Only those of this entity; may be repeated.", metavar="<str>")
    ] = None,
    severity: Severity = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many.", show_default=False)] = None,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object per line, for programs.")] = False,
) -> None:
    """Anomalies as they are found (times are UTC), until Ctrl-C; a lost connection is made again and nothing is missed.

    Example: anomaly_detection anomalies follow --stream pumps --severity high --json
    """
    from anomaly_detection.cli import printing
    from anomaly_detection.client.feed import OPENED

    followed = ", ".join(stream or []) or "all streams"
    greeting = f"following the anomalies of {followed} (Ctrl-C ends)"

    def told(text: str) -> None:
        note(greeting if text == OPENED else text)

    with connected_to(server, api_key) as client:
        _check_streams(client, stream or [])
        arriving = client.anomalies.follow(stream=stream, entity=entity, severity=severity, note=told)
        for anomaly in islice(arriving, limit):
            if json:
                printing.as_json(anomaly)
            else:
                sys.stdout.write("  ".join(_line(anomaly).values()) + "\n")
            # A reader at the other end of a pipe must not wait for a buffer to fill.
            sys.stdout.flush()


def _check_streams(client: "Client", streams: Sequence[str]) -> None:
    """A mistyped name would be silence for ever; whatever else is wrong the feed says itself."""
    from anomaly_detection.client.problems import NotFound, ServerError

    for stream in streams:
        try:
            client.streams.get(stream)
        except NotFound:
            raise
        except ServerError:
            return


def _table(title: str, lines: Sequence[Mapping[str, str]], stream: str | None) -> None:
    """Without columns that would say nothing."""
    from anomaly_detection.cli import printing

    hidden = {"stream"} if stream else set()
    hidden |= set() if any(line["entity"] != printing.cell(None) for line in lines) else {"entity"}
    columns = [name for name in lines[0] if name not in hidden] if lines else []
    heads = [printing.TIMES.get(name, name) for name in columns]
    printing.table(title, heads, [[line[name] for name in columns] for line in lines])


def _episode_line(episode: Mapping[str, Any]) -> dict[str, str]:
    from anomaly_detection.cli.printing import cell, moment

    peak = episode["peak"]
    return {
        "start": moment(episode.get("start_time")),
        "end": moment(episode.get("end_time")),
        "peak": moment(peak.get("time")),
        "stream": cell(episode.get("stream")),
        "entity": cell(episode.get("entity")),
        "anomalies": f"{episode['anomalies']:,}",
        "one in": _one_in(peak.get("probability")),
        "severity": cell(peak.get("severity")),
    }


def _one_in(probability: float | None) -> str:
    return f"{1 / probability:,.0f}" if probability else "-"


def _line(anomaly: Mapping[str, Any]) -> dict[str, str]:
    from anomaly_detection.cli.printing import cell, moment
    from anomaly_detection.cli.reasons import because

    return {
        "time": moment(anomaly.get("event_time")),
        "stream": cell(anomaly.get("stream")),
        "entity": cell(anomaly.get("entity")),
        "score": f"{anomaly['score']:.4f}",
        "one in": _one_in(anomaly.get("probability")),
        "severity": cell(anomaly.get("severity")),
        "because": _correction(anomaly)
        + because(
            str(anomaly.get("algorithm")),
            *(anomaly.get(name) or {} for name in ("contributions", "value", "expected")),
        ),
    }


def _correction(anomaly: Mapping[str, Any]) -> str:
    """What it says of another anomaly, or another of it."""
    if anomaly.get("superseded_by"):
        return "superseded: "
    if anomaly.get("retracted"):
        return "retracted: "
    return "corrected: " if anomaly.get("supersedes") else ""
