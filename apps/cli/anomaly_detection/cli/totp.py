"""`anomaly_detection users totp`: the second factor of a user."""

import sys
from typing import Annotated

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Server, connected, group
from anomaly_detection.cli.giving import Yes, user_of
from anomaly_detection.cli.progress import note
from anomaly_detection.errors import CliError

app = group(
    "The second factor: codes of an app, asked for at logins.\n\n"
    "Example: anomaly_detection users totp enrol ann"
)


@app.command()
def enrol(
    user: Annotated[str, typer.Argument(help="Name to log in with.", metavar="USER")],
    tenant: Annotated[str, typer.Option(help="Tenant of the user.")] = "default",
    server: Server = DEFAULT_SERVER,
) -> None:
    """Take a second factor, as the user it is for: with the password, and then a first code of the app.

    Both are asked for, or read from the input when that is no terminal, a line each.

    Example: anomaly_detection users totp enrol ann
    """
    from anomaly_detection.client.session import NOBODY
    from anomaly_detection.client.threads import Client

    password = _asked("password", hidden=True)
    with Client(server, token=NOBODY) as nobody:
        token = nobody.users.log_in(user, password, tenant=tenant)["access_token"]
    with Client(server, token=token) as client:
        made = client.users.enrol_totp(password)
        note("enter this into the app, or show the address to it as a QR code:")
        sys.stdout.write(f"{made['secret']}\n{made['uri']}\n")
        sys.stdout.flush()
        codes = client.users.confirm_totp(_asked("code of the app"))
    note(f"logins of {user} ask for a code now; keep these for the day the app is lost, each is good once:")
    sys.stdout.write("\n".join(codes["recovery_codes"]) + "\n")


@app.command()
def remove(
    user: Annotated[str, typer.Argument(help="Name or id of the user.", metavar="USER")],
    yes: Yes = False,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
) -> None:
    """Take a second factor away: the own one with a code of it, or as an administrator that of who has lost it.

    The code, or a recovery code, is asked for, or read from the input when that is no terminal.

    Example: anomaly_detection users totp remove ann --yes
    """
    with connected(server, api_key) as client:
        me = client.me()
        if me["kind"] == "user" and user in (me["name"], me["subject"]):
            name = me["name"]
            client.users.remove_totp(_asked("code of the app, or a recovery code"))
        else:
            found = user_of(client, user)
            name = found["username"]
            if not yes:
                typer.confirm(f"let {name} log in with the password alone?", abort=True, err=True)
            client.users.delete_totp(found["id"])
    note(f"the user {name} has no second factor any more")


def _asked(what: str, *, hidden: bool = False) -> str:
    """Never an option: other users of a machine see the arguments of a command."""
    if sys.stdin.isatty():
        return str(typer.prompt(what, hide_input=hidden, err=True))
    text = sys.stdin.readline().rstrip("\r\n")
    if not text:
        raise CliError(f"no {what}: the input has no line for it; type it, or write it into the input")
    return text
