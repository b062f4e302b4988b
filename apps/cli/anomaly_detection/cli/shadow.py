"""`anomaly_detection models shadow`, `unshadow` and `compare`: versions that score a stream beside its champion."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected
from anomaly_detection.client.answers import Challenger
from anomaly_detection.errors import CliError

Stream = Annotated[str, typer.Argument(help="Name of the stream.")]
Reference = Annotated[str, typer.Argument(help="Version of a model, such as pumps@4.")]
From = Annotated[
    str | None,
    typer.Option("--from", help="Hours from here on, such as 2026-01-31T12:00Z. [default: a day ago]"),
]
To = Annotated[str | None, typer.Option("--to", help="Hours before here.")]
Change = Callable[[list[Challenger]], list[Challenger]]
COMPARED = (
    "champion",
    "rows",
    "champion_alerts",
    "challenger_alerts",
    "both",
    "only_champion",
    "only_challenger",
    "kappa",
    "jaccard",
    "rank_correlation",
    "champion_drift",
    "challenger_drift",
)


def shadow(
    stream: Stream,
    version: Reference,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Let a version score a stream beside its champion; it raises no anomalies. At most three at a time.

    Example: anomaly_detection models shadow pumps pumps@4
    """
    wanted = _challenger(version)
    _change(stream, lambda now: now if wanted in now else [*now, wanted], server, api_key, json)


def unshadow(
    stream: Stream,
    version: Reference,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Take a version out of the shadow.

    Example: anomaly_detection models unshadow pumps pumps@4
    """
    unwanted = _challenger(version)

    def change(now: list[Challenger]) -> list[Challenger]:
        if unwanted not in now:
            have = ", ".join(map(_reference, now)) or "nothing"
            raise CliError(f"{version} is no challenger on {stream}; in its shadow: {have}")
        return [each for each in now if each != unwanted]

    _change(stream, change, server, api_key, json)


def compare(
    stream: Stream,
    since: From = None,
    until: To = None,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """How the challengers of a stream did beside its champion: alerts, agreement, drift of scores, by the hour.

    Example: anomaly_detection models compare pumps --from 2026-01-31T00:00Z
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        report = client.streams.comparison(stream, since=since, until=until)
    if json:
        printing.as_json(report)
        return
    items, hours = report["items"], [printing.moment(report[name]) for name in ("from", "to")]
    title = f"{printing.counted(len(items), 'comparison')} on {stream}, {' to '.join(hours)} UTC"
    lines = [(name.replace("_", " "), *(printing.cell(each[name]) for each in items)) for name in COMPARED]
    printing.table(title, ["challenger", *(each["challenger"] for each in items)], lines if items else [])


def scored(deployments: Sequence[Mapping[str, Any]], model: str) -> list[str]:
    """The streams that a model scores, for all to see or in the shadow."""
    found = [
        f"{each['stream']} (version {each['version']})" for each in deployments if each.get("model") == model
    ]
    for each in deployments:
        versions = [other["version"] for other in each.get("challengers", ()) if other["model"] == model]
        found += [f"{each['stream']} (version {version}, in the shadow)" for version in versions]
    return found


def _change(stream: str, change: Change, server: str, api_key: str | None, json: bool) -> None:
    """Reads what there is, and changes that and nothing that came between."""
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        before = client.deployments.get(stream)
        wanted = change(before["challengers"])
        deployment = client.deployments.challenge(stream, wanted, revision=before["revision"])
    if json:
        printing.as_json(deployment)
        return
    champion = _reference(deployment) if deployment.get("model") else "the streaming detector"
    challengers = [_reference(each) for each in deployment["challengers"]]
    shown = {"stream": stream, "scored by": champion, "in the shadow": challengers}
    printing.details("challengers", shown | {"revision": deployment.get("revision")})


def _challenger(text: str) -> Challenger:
    model, _, version = text.partition("@")
    if not model or not (version.isascii() and version.isdecimal()):
        raise CliError(
            f"{text!r} is no version of a model; name it as pumps@4 (`models show pumps` lists them)"
        )
    return {"model": model, "version": int(version)}


def _reference(version: Mapping[str, Any]) -> str:
    return f"{version['model']}@{version['version']}"
