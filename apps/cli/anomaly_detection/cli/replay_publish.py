"""`anomaly_detection replay publish`: what a replay found as corrections of what was told live."""

from typing import Annotated

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected
from anomaly_detection.cli.progress import bar, note
from anomaly_detection.errors import CliError


def publish(
    id: Annotated[str, typer.Argument(help="Of the replay, which was of the log and succeeded.")],  # noqa: A002 - its name in the help
    configuration: Annotated[str, typer.Option(help="Which one is right: a or b.")] = "a",
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Correct what was told live of the records of a replay by what it found.

    Anomalies that it did not find are retracted, others superseded. Done twice, it changes nothing.

    Example: anomaly_detection replay publish 0b6f6c1e-3c52-4d6c-9a3e-3c1f0c0f7f10 --configuration b
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client, bar(f"publishing {id}") as advance:
        found = client.replays.publish(id, configuration=configuration, progress=advance)
    if json:
        printing.as_json(found)
    if found["state"] != "succeeded":
        raise CliError(f"publication {found['state']}: {found.get('error') or 'no reason was given'}")
    if not json:
        told = printing.counted(found["anomalies"], "anomaly", "anomalies")
        note(f"published {told}, retracted {found['retracted']}; {found['unchanged']} stand as they were")
