"""`anomaly_detection dead-letters`: records that were not taken: why, once more after a fix, or away with them."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected, group
from anomaly_detection.cli.progress import note
from anomaly_detection.errors import CliError

app = group(
    "Dead letters: records that were not taken, and what to do with them.\n\n"
    "Example: anomaly_detection dead-letters summary"
)
FIRST_FAILURES = 10
Id = Annotated[str, typer.Argument(help="Id of the dead letter, as the list shows it.", metavar="ID")]
MaybeId = Annotated[
    str | None,
    typer.Argument(help="Id of one; else those that the options name.", metavar="[ID]", show_default=False),
]
Stream = Annotated[str | None, typer.Option(help="Only those of this stream.")]
Reason = Annotated[str | None, typer.Option(help="Only those whose reason holds this text.")]
Field = Annotated[str | None, typer.Option(help="Only those with this field wrong.")]
Source = Annotated[str | None, typer.Option(help="Who rejected them: ingestion or detection.")]
State = Annotated[str | None, typer.Option(help="open, or replayed.")]
Since = Annotated[
    str | None, typer.Option("--from", help="Rejected then or later, such as 2026-01-31 (UTC).")
]
Until = Annotated[str | None, typer.Option("--to", help="Rejected before.")]
Everything = Annotated[bool, typer.Option("--all", help="When nothing else is named.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")]


@app.command("list")
def list_letters(
    stream: Stream = None,
    reason: Reason = None,
    field: Field = None,
    source: Source = None,
    state: State = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 20,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Rejected records, the newest first.

    Example: anomaly_detection dead-letters list --stream pumps --state open --reason "a number belongs"
    """
    from anomaly_detection.cli import printing

    wanted = _wanted(stream, reason, field, source, state, since, until)
    with connected(server, api_key) as client:
        items = list(client.dead_letters.list(wanted, limit=limit))
    if json:
        printing.as_json({"items": items})
        return
    title = printing.counted(len(items), "dead letter") + (f" of {stream}" if stream else "")
    printing.records(title, ("time", "id", "stream", "state", "reason"), items, spare="time")


@app.command()
def summary(
    stream: Stream = None,
    reason: Reason = None,
    field: Field = None,
    source: Source = None,
    state: State = None,
    since: Since = None,
    until: Until = None,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """What is wrong and how often, by stream and kind of reason, with the id of an example.

    Example: anomaly_detection dead-letters summary --state open
    """
    from anomaly_detection.cli import printing

    wanted = _wanted(stream, reason, field, source, state, since, until)
    with connected(server, api_key) as client:
        found = client.dead_letters.summary(wanted)
    if json:
        printing.as_json(found)
        return
    lines = [
        item | {name: printing.moment(item[name]) for name in ("first", "last")} for item in found["items"]
    ]
    title = printing.counted(len(lines), "kind of reason", "kinds of reasons")
    printing.records(title, ("stream", "reason", "count", "open", "last", "example"), lines, spare="last")


@app.command()
def show(id: Id, server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:  # noqa: A002
    """One rejected record with its headers, its place and the reason.

    Example: anomaly_detection dead-letters show 019aa1b2c3d4e5f6/7
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        found: dict[str, Any] = {**client.dead_letters.get(id)}
    if json:
        printing.as_json(found)
        return
    headers = {each["name"]: each["value"] for each in found.pop("headers")}
    printing.details(f"dead letter {id}", found | {"headers": headers})


@app.command()
def replay(
    id: MaybeId = None,  # noqa: A002 - as the answers call it
    stream: Stream = None,
    reason: Reason = None,
    field: Field = None,
    source: Source = None,
    since: Since = None,
    until: Until = None,
    everything: Everything = False,
    corrected: Annotated[
        Path | None, typer.Option("--input", help="File with the corrected record, for one ID.")
    ] = None,
    into: Annotated[str | None, typer.Option(help="Stream to which the record of one ID belongs.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Also what was replayed already.")] = False,
    dry_run: DryRun = False,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Send rejected records again, each once, after a fix; those that would be rejected again stay.

    Example: anomaly_detection dead-letters replay --stream pumps --dry-run

    Example: anomaly_detection dead-letters replay 019aa1b2c3d4e5f6/7 --input corrected.json
    """
    wanted = _wanted(stream, reason, field, source, None, since, until)
    _check_choice(id, wanted, everything)
    if id is None and (corrected, into) != (None, None):
        raise CliError("--input and --into belong to one dead letter; name its ID")
    with connected(server, api_key) as client:
        if id is None:
            _tell_replay(client.dead_letters.replay_all(wanted, dry_run=dry_run, force=force), json)
        else:
            correction = _correction(corrected) | ({"stream": into} if into else {})
            replayed = client.dead_letters.replay(id, dry_run=dry_run, force=force, **correction)
            _tell_one(replayed, json)


@app.command()
def purge(
    id: MaybeId = None,  # noqa: A002 - as the answers call it
    stream: Stream = None,
    reason: Reason = None,
    field: Field = None,
    source: Source = None,
    state: State = None,
    since: Since = None,
    until: Until = None,
    everything: Everything = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: DryRun = False,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Forget rejected records for good; asks first when somebody is there to answer.

    Example: anomaly_detection dead-letters purge --stream pumps --state replayed --to 2026-01-31
    """
    from anomaly_detection.cli import printing

    wanted = _wanted(stream, reason, field, source, state, since, until)
    _check_choice(id, wanted, everything)
    with connected(server, api_key) as client:
        count = 1
        if id is None:
            count = client.dead_letters.purge(wanted, everything=everything, dry_run=True)["purged"]
        if not (yes or dry_run) and sys.stdin.isatty():
            typer.confirm(f"purge {printing.counted(count, 'dead letter')}?", abort=True, err=True)
        if not dry_run and id is not None:
            client.dead_letters.delete(id)
        elif not dry_run:
            count = client.dead_letters.purge(wanted, everything=everything)["purged"]
    if json:
        printing.as_json({"purged": count, "dry_run": dry_run})
    else:
        note(f"{'would purge' if dry_run else 'purged'} {printing.counted(count, 'dead letter')}")


def _wanted(*values: str | None) -> dict[str, str]:
    names = ("stream", "reason", "field", "source", "state", "from", "to")
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _check_choice(letter: str | None, wanted: Mapping[str, str], everything: bool) -> None:
    """Neither a forgotten option nor one too many must reach more than was meant."""
    if sum((letter is not None, bool(wanted), everything)) != 1:
        raise CliError("name either an ID, or options such as --stream and --reason, or --all")


def _correction(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    import base64

    try:
        return {"raw": base64.b64encode(path.read_bytes()).decode(), "raw_encoding": "base64"}
    except OSError as error:
        raise CliError(
            f"{path}: cannot be read: {error.strerror}; give a file with the corrected record"
        ) from error


def _tell_one(found: Mapping[str, Any], json: bool) -> None:
    from anomaly_detection.cli import printing

    if json:
        printing.as_json(found)
    elif found["passes"]:
        note(f"{'would replay' if found['dry_run'] else 'replayed'} {found['id']} to {found['stream']}")
    else:
        note(f"{found['id']} would be rejected again: {found['reason']}")


def _tell_replay(found: Mapping[str, Any], json: bool) -> None:
    from anomaly_detection.cli import printing

    if json:
        printing.as_json(found)
        return
    verb = "would replay" if found["dry_run"] else "replayed"
    note(f"{verb} {printing.counted(found['replayed'], 'dead letter')}")
    if found["failed"]:
        title = f"{found['failed']} would be rejected again and stay as they are"
        printing.records(title, ("id", "stream", "field", "reason"), found["failures"][:FIRST_FAILURES])
