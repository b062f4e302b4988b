"""What all commands against a server share: its address, the key, and how a group is made."""

from typing import TYPE_CHECKING, Annotated

import typer

from anomaly_detection.client import DEFAULT_SERVER

if TYPE_CHECKING:
    from anomaly_detection.client.threads import Client

__all__ = ["DEFAULT_SERVER", "ApiKey", "Json", "Server", "connected", "group"]


def _server(context: typer.Context, parameter: typer.CallbackParam, value: str) -> str:
    """Typer takes a variable that is empty for one that is not set."""
    from anomaly_detection.client.address import url_of

    source = context.get_parameter_source(parameter.name or "")
    return url_of(None) if source is not None and source.name == "DEFAULT" else value


Server = Annotated[
    str,
    typer.Option(
        "--server", envvar="ANOMALY_DETECTION_URL", callback=_server, help="Address of the platform."
    ),
]
ApiKey = Annotated[
    str | None,
    typer.Option(
        "--api-key",
        envvar="ANOMALY_DETECTION_API_KEY",
        help="Key to sign in with; unless given, that of `login`, else admin.key of the data folder.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="The answer as JSON, for programs.")]


def group(text: str) -> typer.Typer:
    """An empty group of commands; its help is plain text like that of the others."""
    return typer.Typer(
        help=text,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )


def connected(server: str, api_key: str | None) -> "Client":
    """The platform, ready for calls."""
    from anomaly_detection.client.threads import Client

    return Client(server, api_key)
