"""`anomaly_detection replay`: what would have alerted, by one configuration or by two."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected, group
from anomaly_detection.cli.options import Params, parameters_of
from anomaly_detection.cli.progress import bar, note
from anomaly_detection.cli.replay_publish import publish
from anomaly_detection.errors import CliError

if TYPE_CHECKING:
    from anomaly_detection.client.answers import Replay
    from anomaly_detection.client.threads import Client

TIME_HELP = "as 2026-11-01 or 2026-11-01T10:00:00Z"


app = group(
    "Score records of the past again, beside the live path, and compare. Ctrl-C cancels.\n\n"
    "Example: anomaly_detection replay --stream pumps --from 2026-11-01 --to 2026-11-08 --model pumps@3 "
    "--compare pumps@4\n\n"
    "Example: anomaly_detection replay --stream pumps --compare-algorithm ewma --labels incidents.csv"
)
app.command()(publish)


@app.callback(invoke_without_command=True)
def replay(
    context: typer.Context,
    stream: Annotated[str | None, typer.Option(help="Stream whose records are scored again.")] = None,
    from_: Annotated[
        str | None, typer.Option("--from", help=f"Begin, {TIME_HELP}. [default: the first]")
    ] = None,
    to: Annotated[
        str | None, typer.Option(help="End, which does not belong to it. [default: the last]")
    ] = None,
    warm_from: Annotated[
        str | None, typer.Option(help="Learn from the records from here to --from, and tell nothing of them.")
    ] = None,
    source: Annotated[
        str, typer.Option(help="lake (times are those of the records) or log (times are those of arrival).")
    ] = "lake",
    model: Annotated[
        str | None, typer.Option(help="Scored by this model, name@version. [default: as the stream is now]")
    ] = None,
    algorithm: Annotated[
        str | None, typer.Option(help="Scored by this streaming algorithm, which begins knowing nothing.")
    ] = None,
    param: Params = None,
    alert_probability: Annotated[float | None, typer.Option(help="Of the streaming algorithm.")] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Of the model: the score above which it alerts.")
    ] = None,
    compare: Annotated[str | None, typer.Option(help="A second model, name@version, or `now`.")] = None,
    compare_algorithm: Annotated[str | None, typer.Option(help="A second streaming algorithm.")] = None,
    compare_param: Annotated[
        list[str] | None, typer.Option(help="Its parameter; may be repeated.", metavar="<name=value>")
    ] = None,
    compare_alert_probability: Annotated[float | None, typer.Option(help="Of the second algorithm.")] = None,
    compare_threshold: Annotated[float | None, typer.Option(help="Of the second model.")] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            help="CSV, JSON, NDJSON or Parquet with what is known: start and end, or time and label."
        ),
    ] = None,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    if context.invoked_subcommand is not None:
        return
    if stream is None:
        raise typer.BadParameter("give the stream whose records are scored again", param_hint="'--stream'")
    from anomaly_detection.cli.labels import read_labels
    from anomaly_detection.cli.replay_report import show

    a = _configuration(model, algorithm, param, alert_probability, threshold)
    b = _configuration(
        None if compare == "now" else compare,
        compare_algorithm,
        compare_param,
        compare_alert_probability,
        compare_threshold,
    )
    body: dict[str, Any] = {"source": source, "configurations": [a]}
    if b or compare:
        body["configurations"].append(b)
    times = {"from": from_, "to": to, "warm_from": warm_from}
    body |= {name: value for name, value in times.items() if value is not None}
    if labels is not None:
        body["labels"] = read_labels(labels)
    with connected(server, api_key) as client:
        found = _ended(client, client.replays.start(stream, **body))
    show(found, json)
    if found["state"] != "succeeded":
        raise CliError(
            f"replay {found['id']} {found['state']}: {found.get('error') or 'no reason was given'}"
        )
    if not json:
        note(f"the anomalies: GET /api/v1/replays/{found['id']}/anomalies?configuration=a")
        if source == "log":
            note(f"to correct what was told live: anomaly_detection replay publish {found['id']}")


def _configuration(
    model: str | None,
    algorithm: str | None,
    param: list[str] | None,
    alert_probability: float | None,
    threshold: float | None,
) -> dict[str, Any]:
    """Only what was said: nothing means, as the stream is scored now."""
    given = {
        "model": model,
        "algorithm": algorithm,
        "parameters": parameters_of(param) or None,
        "alert_probability": alert_probability,
        "threshold": threshold,
    }
    return {name: value for name, value in given.items() if value is not None}


def _ended(client: "Client", replay: "Replay") -> "Replay":
    """The replay after its end; who leaves early cancels it."""
    try:
        with bar(f"replay of {replay['stream']}") as advance:
            return client.replays.wait(replay, progress=advance)
    except KeyboardInterrupt:
        client.replays.cancel(replay["id"])
        note(f"cancelled the replay {replay['id']}")
        raise
