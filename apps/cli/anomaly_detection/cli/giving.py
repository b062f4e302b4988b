"""What commands that give rights share: permissions, streams, and names of accounts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anomaly_detection.errors import CliError

if TYPE_CHECKING:
    from anomaly_detection.client.api import Api

Allow = Annotated[
    list[str] | None,
    typer.Option(
        help="A permission such as models:promote, or read, write or admin; may be repeated.",
        metavar="<name>",
    ),
]
Role = Annotated[str | None, typer.Option(help="A role that `anomaly_detection roles list` shows.")]
Streams = Annotated[
    list[str] | None,
    typer.Option("--stream", help="See this stream only; may be repeated.", metavar="<name>"),
]
AllStreams = Annotated[bool, typer.Option("--all-streams", help="See all streams again.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def binding_of(streams: list[str] | None, all_streams: bool = False) -> dict[str, Any]:
    """The part of a body that says which streams an account sees; nothing leaves it as it is."""
    if streams and all_streams:
        raise CliError("--stream and --all-streams: give one of them")
    return {"streams": streams or None} if streams or all_streams else {}


def rights_of(role: str | None, allow: list[str] | None, *, needed: bool) -> dict[str, Any]:
    """A role, or permissions of its own."""
    if role and allow:
        raise CliError("--role and --allow: a key has a role, or permissions of its own; give one of them")
    if needed and not (role or allow):
        raise CliError("say what the key may do: --role viewer, or --allow records:write")
    return {"role": role} if role else {"permissions": allow} if allow else {}


def account(api: "Api", path: str, wanted: str, called: str) -> Mapping[str, Any]:
    """The one user or key of that id or name."""
    items = api.pages(path, {})
    found = [each for each in items if wanted in (each["id"], each[called])]
    if len(found) == 1:
        return dict(found[0])
    what = path.strip("/").replace("api-keys", "API keys")
    if found:
        ids = ", ".join(each["id"] for each in found)
        raise CliError(f"{len(found)} {what} are called {wanted!r}; name one by its id: {ids}")
    raise CliError(f"no {wanted!r} among the {what}; `anomaly_detection {path.strip('/')} list` shows them")
