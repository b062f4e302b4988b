"""What commands that give rights share: permissions, streams, and names of accounts."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from anomaly_detection.cli.progress import note
from anomaly_detection.errors import CliError

if TYPE_CHECKING:
    from anomaly_detection.client.access_answers import ApiKey, User
    from anomaly_detection.client.threads import Client

T = TypeVar("T", bound=Mapping[str, Any])

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


def note_unknown(client: "Client", streams: list[str] | None) -> None:
    """An account may be made before its streams are, or a name be mistyped. Who sees no streams is told nothing."""
    from anomaly_detection.client.problems import NotFound, ServerError

    for name in streams or []:
        try:
            client.streams.get(name)
        except NotFound:
            note(f"there is no stream {name!r} yet; anomaly_detection streams list shows those there are")
        except ServerError:
            return


def rights_of(role: str | None, allow: list[str] | None, *, needed: bool) -> dict[str, Any]:
    """A role, or permissions of its own."""
    if role and allow:
        raise CliError("--role and --allow: a key has a role, or permissions of its own; give one of them")
    if needed and not (role or allow):
        raise CliError("say what the key may do: --role viewer, or --allow records:write")
    return {"role": role} if role else {"permissions": allow} if allow else {}


def user_of(client: "Client", wanted: str) -> "User":
    """The one user of that id or name."""
    found = [each for each in client.users.list() if wanted in (each["id"], each["username"])]
    return _only(found, wanted, "users", "users")


def key_of(client: "Client", wanted: str) -> "ApiKey":
    """The one key of that id or name."""
    found = [each for each in client.api_keys.list() if wanted in (each["id"], each["name"])]
    return _only(found, wanted, "API keys", "api-keys")


def _only(found: Sequence[T], wanted: str, what: str, group: str) -> T:
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(str(each["id"]) for each in found)
        raise CliError(f"{len(found)} {what} are called {wanted!r}; name one by its id: {ids}")
    raise CliError(f"no {wanted!r} among the {what}; `anomaly_detection {group} list` shows them")
