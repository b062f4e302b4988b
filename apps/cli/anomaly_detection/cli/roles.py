"""`anomaly_detection roles`: named sets of permissions."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected, group
from anomaly_detection.cli.giving import Yes
from anomaly_detection.cli.progress import note

app = group("Roles: named sets of permissions.\n\nExample: anomaly_detection roles list")
Name = Annotated[str, typer.Argument(help="Name of the role.")]
Permissions = Annotated[
    list[str],
    typer.Option(
        help="A permission such as models:promote, or read, write or admin; may be repeated.",
        metavar="<name>",
    ),
]


@app.command("list")
def list_roles(server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """The roles that users and keys can have.

    Example: anomaly_detection roles list
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        items = list(client.roles.list())
    if json:
        printing.as_json({"items": items})
    else:
        title = printing.counted(len(items), "role")
        printing.records(title, ("name", "permissions", "built_in"), items)


@app.command()
def permissions(server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """Every permission that there is, and what it allows.

    Example: anomaly_detection roles permissions
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        found = client.roles.permissions()
    if json:
        printing.as_json(found)
    else:
        lines = [{"name": name, "allows": what} for name, what in found.items()]
        printing.records(printing.counted(len(lines), "permission"), ("name", "allows"), lines)


@app.command()
def show(name: Name, server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """A role and every single permission that it has.

    Example: anomaly_detection roles show analyst
    """
    with connected(server, api_key) as client:
        _tell(client.roles.get(name), json)


@app.command()
def add(
    name: Name,
    allow: Permissions,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Make a role; nobody can give it more than they may do themselves.

    Example: anomaly_detection roles add feeder --allow records:write --allow streams:read
    """
    with connected(server, api_key) as client:
        _tell(client.roles.create(name, allow), json)


@app.command()
def change(
    name: Name,
    allow: Permissions,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Give a role other permissions, at once for all who have it.

    Example: anomaly_detection roles change feeder --allow records:write
    """
    with connected(server, api_key) as client:
        _tell(client.roles.change(name, allow), json)


@app.command()
def remove(name: Name, yes: Yes = False, server: Server = DEFAULT_SERVER, api_key: ApiKey = None) -> None:
    """Remove a role that nobody has.

    Example: anomaly_detection roles remove feeder --yes
    """
    if not yes:
        typer.confirm(f"remove the role {name}?", abort=True, err=True)
    with connected(server, api_key) as client:
        client.roles.delete(name)
    note(f"the role {name} is gone")


def _tell(role: Mapping[str, Any], json: bool) -> None:
    from anomaly_detection.cli import printing

    if json:
        printing.as_json(role)
    else:
        printing.details(f"role {role['name']}", role, ("permissions", "allows", "built_in"))
