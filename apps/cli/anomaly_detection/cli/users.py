"""`anomaly_detection users`: people who log in with a password."""

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from anomaly_detection.cli import totp
from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected, group
from anomaly_detection.cli.giving import AllStreams, Role, Streams, Yes, binding_of, note_unknown, user_of
from anomaly_detection.cli.progress import note
from anomaly_detection.errors import CliError

app = group("Users: people who log in with a password.\n\nExample: anomaly_detection users list")
app.add_typer(totp.app, name="totp")
Who = Annotated[str, typer.Argument(help="Name or id of the user.", metavar="USER")]
SHOWN = ("username", "id", "role", "streams", "suspended_at", "created_at")


@app.command("list")
def list_users(server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """All users of the tenant.

    Example: anomaly_detection users list
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        items = list(client.users.list())
    if json:
        printing.as_json({"items": items})
    else:
        lines = [each | {"suspended": each["suspended_at"] is not None} for each in items]
        names = ("username", "id", "role", "streams", "suspended")
        printing.records(printing.counted(len(items), "user"), names, lines)


@app.command()
def add(
    username: Annotated[str, typer.Argument(help="Name to log in with.")],
    role: Annotated[str, typer.Option(help="A role that `anomaly_detection roles list` shows.")],
    stream: Streams = None,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Add a user; the password is asked for, or read from the input when that is no terminal.

    Example: anomaly_detection users add ann --role analyst --stream pumps
    """
    password, binding = _password(), binding_of(stream)
    with connected(server, api_key) as client:
        note_unknown(client, stream)
        _tell(client.users.create(username, password=password, role=role, **binding), json)


@app.command()
def change(
    user: Who,
    role: Role = None,
    stream: Streams = None,
    all_streams: AllStreams = False,
    suspend: Annotated[
        bool | None, typer.Option("--suspend/--admit", help="Let nobody in by it, or in again.")
    ] = None,
    password: Annotated[bool, typer.Option("--password", help="Set another password.")] = False,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Give a user another role, other streams or another password, or suspend one; it counts at once.

    Example: anomaly_detection users change ann --role viewer --all-streams

    Example: anomaly_detection users change ann --suspend
    """
    body = binding_of(stream, all_streams) | ({"role": role} if role else {})
    if suspend is not None:
        body["suspended"] = suspend
    if not body and not password:
        raise CliError("nothing to change; see anomaly_detection users change --help")
    if password:
        body["password"] = _password()
    with connected(server, api_key) as client:
        found = user_of(client, user)
        note_unknown(client, stream)
        _tell(client.users.change(found["id"], **body), json)


@app.command()
def remove(user: Who, yes: Yes = False, server: Server = DEFAULT_SERVER, api_key: ApiKey = None) -> None:
    """Remove a user, whose logins end with that.

    Example: anomaly_detection users remove ann --yes
    """
    with connected(server, api_key) as client:
        found = user_of(client, user)
        if not yes:
            typer.confirm(f"remove the user {found['username']}?", abort=True, err=True)
        client.users.delete(found["id"])
    note(f"the user {found['username']} is gone")


def _password() -> str:
    """Never an option: other users of a machine see the arguments of a command."""
    if sys.stdin.isatty():
        return str(typer.prompt("password", hide_input=True, confirmation_prompt=True, err=True))
    text = sys.stdin.readline().rstrip("\r\n")
    if not text:
        raise CliError("no password: the input has no line; type it, or write it into the input")
    return text


def _tell(user: Mapping[str, Any], json: bool) -> None:
    from anomaly_detection.cli import printing

    if json:
        printing.as_json(user)
    else:
        printing.details(f"user {user['username']}", user, SHOWN)
