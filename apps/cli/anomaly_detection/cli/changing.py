"""`anomaly_detection streams change`: other settings while records flow."""

from typing import Annotated

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected
from anomaly_detection.cli.options import Params
from anomaly_detection.cli.stream_settings import (
    REMOVABLE,
    Algorithm,
    AllowedLateness,
    MaxEntities,
    Silence,
    settings_of,
)
from anomaly_detection.cli.stream_view import show_stream
from anomaly_detection.errors import CliError


def change(
    name: Annotated[str, typer.Argument(help="Name of the stream.")],
    algorithm: Algorithm = None,
    param: Params = None,
    alert_probability: Annotated[
        float | None, typer.Option(min=0, max=1, help="Below it a record can be an anomaly.")
    ] = None,
    max_entities: MaxEntities = None,
    allowed_lateness_seconds: AllowedLateness = None,
    silence_seconds: Silence = None,
    publish_scores: Annotated[
        bool | None, typer.Option(help="Keep every score, or only those of anomalies.")
    ] = None,
    unset: Annotated[
        list[str] | None, typer.Option(help="Go back to the default; may be repeated.", metavar="<setting>")
    ] = None,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Change settings of a stream; they are obeyed from one offset on, and the rest stays.

    What was learnt is kept unless another detector scores from then on.

    Example: anomaly_detection streams change meters --silence-seconds 600

    Example: anomaly_detection streams change meters --unset silence_seconds --publish-scores
    """
    settings = settings_of(
        param,
        algorithm=algorithm,
        alert_probability=alert_probability,
        max_entities=max_entities,
        allowed_lateness_seconds=allowed_lateness_seconds,
        silence_seconds=silence_seconds,
        publish_scores=publish_scores,
    )
    for setting in unset or []:
        if setting not in REMOVABLE:
            raise CliError(f"--unset {setting}: choose one of {', '.join(REMOVABLE)}")
    twice = sorted(settings.keys() & set(unset or []))
    if twice:
        raise CliError(f"{twice[0]}: either a value or --unset, not both")
    settings |= dict.fromkeys(unset or [])
    if not settings:
        raise CliError("nothing to change; see anomaly_detection streams change --help")
    with connected(server, api_key) as client:
        show_stream(client.streams.change(name, settings=settings), json)
