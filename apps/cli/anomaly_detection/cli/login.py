"""`anomaly_detection login`, `logout` and `whoami`."""

from dataclasses import replace
from typing import Annotated

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected
from anomaly_detection.cli.progress import note
from anomaly_detection.errors import ClientError

Device = Annotated[
    bool,
    typer.Option(
        "--device",
        help="Show a code to type in a browser of another device; chosen by itself where no browser can be shown.",
    ),
]


def login(server: Server = DEFAULT_SERVER, device: Device = False) -> None:
    """Sign in as a user; later commands need no key until the login ends.

    Opens the sign-in page in a browser. The login is kept below the configuration folder in a file that only you
    can read, one for each server, and renewed by itself. A key that is given goes before it.

    Example: anomaly_detection login --server https://anomalies.example.org

    Example: anomaly_detection login --device
    """
    from anomaly_detection.client import signing_in
    from anomaly_detection.client.address import checked_url, login_of
    from anomaly_detection.client.threads import Client

    kept = login_of(checked_url(server))
    way = signing_in.on_device if device or not signing_in.has_browser() else signing_in.in_browser
    tokens = way(kept.url, note, trust_env=kept.trust_env)
    with Client(kept.url, token=tokens.access_token) as client:
        me = client.me()
    kept.keep(replace(tokens, name=str(me["name"])))
    note(f"signed in at {kept.url} as {me['name']} of the tenant {me['tenant']}")
    _tell_who_calls(kept.url)


def logout(server: Server = DEFAULT_SERVER) -> None:
    """Sign out: the login ends at the server, and its file is removed.

    Example: anomaly_detection logout
    """
    from anomaly_detection.client.address import checked_url, login_of

    kept = login_of(checked_url(server))
    kept.forget()
    note(f"signed out at {kept.url}")
    _tell_who_calls(kept.url)


def whoami(server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """Who calls, and what they may do.

    Example: anomaly_detection whoami
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        me = client.me()
    if json:
        printing.as_json(me)
    else:
        printing.records(
            f"at {client.address.url}, by {client.address.found}",
            ("name", "kind", "tenant", "permissions", "streams"),
            [me],
        )


def _tell_who_calls(url: str) -> None:
    """Unless it is the login: a key of the environment goes before it, and without both there may be `admin.key`."""
    try:
        with connected(url, None) as client:
            if client.address.login is None:
                me = client.me()
                note(
                    f"commands are by {me['name']} of the tenant {me['tenant']} now ({client.address.found})"
                )
    except ClientError as error:
        note(f"nobody is signed in now: {error}")
