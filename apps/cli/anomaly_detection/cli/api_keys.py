"""`anomaly_detection api-keys`: keys of programs."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected, group
from anomaly_detection.cli.giving import (
    Allow,
    AllStreams,
    Role,
    Streams,
    Yes,
    binding_of,
    key_of,
    note_unknown,
    rights_of,
)
from anomaly_detection.cli.progress import note
from anomaly_detection.errors import CliError

app = group("API keys: how programs sign in.\n\nExample: anomaly_detection api-keys list")
Which = Annotated[str, typer.Argument(help="Name or id of the key.", metavar="KEY")]
Days = Annotated[float | None, typer.Option(min=0.0007, help="The key ends after so many days.")]
SHOWN = ("name", "id", "role", "permissions", "streams", "expires_at", "last_used_at", "old_secret_until")


@app.command("list")
def list_keys(server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """All keys of the tenant, without their secrets.

    Example: anomaly_detection api-keys list
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        items = list(client.api_keys.list())
    if json:
        printing.as_json({"items": items})
    else:
        lines = [each | {"may": each["role"] or each["permissions"]} for each in items]
        names = ("name", "id", "may", "streams", "expires_at", "last_used_at")
        printing.records(printing.counted(len(items), "API key"), names, lines)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    role: Role = None,
    allow: Allow = None,
    stream: Streams = None,
    days: Days = None,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Make a key and show it, this once. It has a role, or permissions of its own.

    Example: anomaly_detection api-keys add loader --allow records:write --stream pumps --days 90
    """
    fields = rights_of(role, allow, needed=True) | binding_of(stream) | _end(days)
    with connected(server, api_key) as client:
        note_unknown(client, stream)
        _tell(client.api_keys.create(name, **fields), json)


@app.command()
def change(
    key: Which,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    role: Role = None,
    allow: Allow = None,
    stream: Streams = None,
    all_streams: AllStreams = False,
    days: Days = None,
    forever: Annotated[bool, typer.Option("--forever", help="The key does not end.")] = False,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Give a key another name, end, role, permissions or streams; it counts at once.

    Example: anomaly_detection api-keys change loader --role viewer --days 30
    """
    if days is not None and forever:
        raise CliError("--days and --forever: give one of them")
    body = rights_of(role, allow, needed=False) | binding_of(stream, all_streams) | _end(days)
    body |= ({"name": name} if name else {}) | ({"expires_at": None} if forever else {})
    if not body:
        raise CliError("nothing to change; see anomaly_detection api-keys change --help")
    with connected(server, api_key) as client:
        found = key_of(client, key)
        note_unknown(client, stream)
        _tell(client.api_keys.change(found["id"], **body), json)


@app.command()
def rotate(
    key: Which,
    overlap_hours: Annotated[
        float, typer.Option(min=0, max=720, help="So long the old secret works as well; 0 ends it at once.")
    ] = 24,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Give a key a new secret and show it, this once; the old one goes on for a while.

    Example: anomaly_detection api-keys rotate loader --overlap-hours 48
    """
    with connected(server, api_key) as client:
        found = key_of(client, key)
        overlap_seconds = round(overlap_hours * 3600)
        _tell(client.api_keys.rotate(found["id"], overlap_seconds=overlap_seconds), json)


@app.command()
def remove(key: Which, yes: Yes = False, server: Server = DEFAULT_SERVER, api_key: ApiKey = None) -> None:
    """Remove a key, which ends at once.

    Example: anomaly_detection api-keys remove loader --yes
    """
    with connected(server, api_key) as client:
        found = key_of(client, key)
        if not yes:
            typer.confirm(f"remove the API key {found['name']}?", abort=True, err=True)
        client.api_keys.delete(found["id"])
    note(f"the API key {found['name']} is gone")


def _end(days: float | None) -> dict[str, str]:
    if days is None:
        return {}
    return {"expires_at": (datetime.now().astimezone() + timedelta(days=days)).isoformat()}


def _tell(key: Mapping[str, Any], json: bool) -> None:
    """The text of a new key stands on a line of its own, so that no table folds it."""
    from anomaly_detection.cli import printing

    if json:
        printing.as_json(key)
        return
    printing.details(f"API key {key['name']}", key, SHOWN)
    if "key" in key:
        printing.lines("the key; it is shown here and never again", str(key["key"]))
