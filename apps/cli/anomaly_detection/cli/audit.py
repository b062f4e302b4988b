"""`anomaly_detection audit`: who did what, and whether the log of it is whole."""

import json as documents
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected, group
from anomaly_detection.cli.options import check_writable
from anomaly_detection.cli.progress import note
from anomaly_detection.errors import CliError

if TYPE_CHECKING:
    from ad_contracts.audit_chain import Head

app = group(
    "The audit log: who did what to what, from where, with what outcome.\n\n"
    "Example: anomaly_detection audit verify"
)
SHOWN = ("time", "subject", "action", "resource", "outcome", "reason", "address")
Kept = Annotated[
    list[str] | None,
    typer.Option("--head", help="A head that was kept elsewhere; may be repeated.", metavar="<seq:hash>"),
]


@app.command("list")
def list_entries(
    subject: Annotated[str | None, typer.Option(help="Only of this user or key, by id.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this, such as 'create user'.")] = None,
    outcome: Annotated[str | None, typer.Option(help="allowed, denied or failed.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="From this time on, RFC 3339.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Before this time, RFC 3339.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 20,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """The newest entries first: who did what to what, from where, and how it ended; --json shows all of each.

    Example: anomaly_detection audit list --outcome denied --from 2026-01-31T00:00:00Z
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        asked = client.audit.list(
            subject=subject, action=action, outcome=outcome, since=since, until=until, limit=limit
        )
        items = list(asked)
    if json:
        printing.as_json({"items": items})
        return
    printing.records(printing.counted(len(items), "entry", "entries"), SHOWN, [_line(each) for each in items])


def _line(entry: Mapping[str, Any]) -> dict[str, Any]:
    """For people: by name who has one."""
    details = entry["details"]
    named = {part: details.get(f"{part}_name", entry[part]) for part in ("subject", "resource")}
    at = datetime.fromtimestamp(entry["at_ms"] / 1000, UTC)
    return {**entry, **named, "time": at, "reason": details.get("reason")}


@app.command()
def head(server: Server = DEFAULT_SERVER, api_key: ApiKey = None) -> None:
    """The newest entry, as `verify --head` takes it: keep it where the database cannot reach.

    Example: anomaly_detection audit head >> audit-heads.txt
    """
    with connected(server, api_key) as client:
        sys.stdout.write(f"{client.audit.head()['head']}\n")


@app.command()
def export(
    output: Annotated[Path | None, typer.Option(help="File to write; unless given, stdout.")] = None,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
) -> None:
    """All entries as NDJSON, the oldest first, with their hashes.

    Example: anomaly_detection audit export --output audit.ndjson
    """
    check_writable(output)
    opened = nullcontext(sys.stdout) if output is None else output.open("w", encoding="utf-8")
    with connected(server, api_key) as client, opened as file:
        lines = (documents.dumps(entry, ensure_ascii=False) for entry in client.audit.list(order="oldest"))
        written = sum(1 for line in lines if file.write(f"{line}\n"))
    note(f"{written} entries of the audit log")


@app.command()
def verify(
    file: Annotated[Path | None, typer.Option(help="Check this export, without a server.")] = None,
    head: Kept = None,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
) -> None:
    """Compute every hash anew and tell the first entry that was changed, put in, moved or taken out.

    Exit code 1 when one was. Who can write to the database can forge all of it: compare with a head from elsewhere.

    Example: anomaly_detection audit verify --head "$(tail -1 audit-heads.txt)"

    Example: anomaly_detection audit verify --file audit.ndjson
    """
    from ad_contracts.audit_chain import BrokenChainError

    known = [_head(text) for text in head or []]
    try:
        found = _check_server(server, api_key, known) if file is None else _check_file(file, known)
    except BrokenChainError as error:
        sys.stderr.write(f"error: the audit log is not whole: {error}\n")
        raise typer.Exit(1) from error
    sys.stdout.write(f"the audit log is whole: {found.seq} entries, head {found}\n")


def _check_server(server: str, api_key: str | None, known: list["Head"]) -> "Head":
    from ad_contracts.audit_chain import Head, checked

    with connected(server, api_key) as client:
        # Before the entries: the log grows while it is read.
        newest = client.audit.head()
        return checked(client.audit.list(order="oldest"), Head(newest["seq"], newest["hash"]), *known)


def _check_file(file: Path, known: list["Head"]) -> "Head":
    from ad_contracts.audit_chain import checked

    try:
        with file.open(encoding="utf-8") as lines:
            return checked((_entry(file, line) for line in lines if line.strip()), *known)
    except (OSError, UnicodeDecodeError) as error:
        raise CliError(f"{file} cannot be read: {error}") from error


def _entry(file: Path, line: str) -> Mapping[str, Any]:
    try:
        entry = documents.loads(line)
    except ValueError as error:
        raise CliError(f"{file} is no export of the audit log: {error}") from error
    if not isinstance(entry, dict):
        raise CliError(f"{file} is no export of the audit log: a line is no JSON object")
    return entry


def _head(text: str) -> "Head":
    from ad_contracts.audit_chain import head_of

    try:
        return head_of(text)
    except ValueError as error:
        raise CliError(f"--head: {error}") from error
