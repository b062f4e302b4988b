"""`anomaly_detection streams partitions`: where the records of a stream come, and of whom most of them are."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected

COLUMNS = ("partition", "records", "per second", "share", "entities", "busiest", "as of (UTC)", "stale")
SHOWN = 3


def partitions(
    name: Annotated[str, typer.Argument(help="Name of the stream.")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many to show.")] = 1000,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """How busy the partitions of a stream are, and which entities make them so.

    Example: anomaly_detection streams partitions pumps
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        found = client.streams.partitions(name, limit)
    if json:
        printing.as_json(found)
        return
    items = [_line(item) for item in found["items"]]
    title = f"{printing.counted(len(items), 'partition')} of {found['topic']} with records of {name}"
    printing.records(title, COLUMNS, items)


def _line(item: Mapping[str, Any]) -> dict[str, Any]:
    """As people read it, with the first of the busiest entities."""
    from anomaly_detection.cli import printing

    busiest = ", ".join(f"{each['entity']} {each['share']:.0%}" for each in item["busiest"][:SHOWN])
    return {
        **item,
        "per second": item["rate_per_second"],
        "share": f"{item['share']:.0%}",
        "busiest": busiest or None,
        "as of (UTC)": printing.moment(item["updated_at"]),
    }
