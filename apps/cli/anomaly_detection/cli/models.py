"""`anomaly_detection models`: the registry of a running platform."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from anomaly_detection.cli.connection import DEFAULT_SERVER, ApiKey, Json, Server, connected, group
from anomaly_detection.cli.options import check_writable
from anomaly_detection.cli.progress import note, step
from anomaly_detection.cli.shadow import compare, scored, shadow, unshadow

app = group(
    "Models: upload them, and choose which one scores a stream.\n\nExample: anomaly_detection models list"
)
Name = Annotated[str, typer.Argument(help="Name of the model.")]
Stream = Annotated[str, typer.Option(help="Stream that the model scores.")]
Version = Annotated[int | None, typer.Option(min=1, help="Version of the model. [default: the latest]")]


@app.command("list")
def list_models(server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """All models, and the streams that they score.

    Example: anomaly_detection models list
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        models = list(client.models.list())
        deployments = list(client.deployments.list())
    if json:
        printing.as_json({"items": models, "deployments": deployments})
        return
    lines = [
        {**model, "scores": scored(deployments, model["name"]), "latest": model.get("latest_version")}
        for model in models
    ]
    names = ("name", "latest", "algorithm", "scores")
    printing.records(printing.counted(len(models), "model"), names, lines)


@app.command()
def show(name: Name, server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False) -> None:
    """All versions of a model; --json has their metrics too.

    Example: anomaly_detection models show pumps
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client:
        model = client.models.get(name)
    if json:
        printing.as_json(model)
    else:
        versions = [each | {"algorithm": _made_by(each)} for each in model["versions"]]
        title = f"model {name}: {printing.counted(len(versions), 'version')}"
        printing.records(title, ("version", "algorithm", "features", "registered_at"), versions)


@app.command()
def upload(
    name: Name,
    model: Annotated[Path, typer.Option(help="Model file (.adm) from `train`.")],
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Register a model file as the next version; the server must trust the key that signed it.

    Example: anomaly_detection models upload pumps --model model.adm
    """
    from anomaly_detection.cli import printing

    with connected(server, api_key) as client, step(f"uploading {model.name}"):
        version = client.models.upload(name, model)
    if json:
        printing.as_json(version)
    else:
        names = ("name", "version", "algorithm", "features", "size_bytes", "artifact_sha256")
        printing.details("uploaded", version, names)


@app.command()
def download(
    name: Name,
    output: Annotated[Path, typer.Option(help="Where the model file goes.")],
    version: Version = None,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Fetch a version as a model file for `detect` and `evaluate`.

    Example: anomaly_detection models download pumps --version 3 --output pumps.adm
    """
    from anomaly_detection.cli import printing

    check_writable(output)
    with connected(server, api_key) as client, step(f"fetching {name}"):
        result = client.models.download(name, output, version=version)
    if json:
        printing.as_json(result)
    else:
        note(f"{name} version {result['version']} written to {output} ({result['size_bytes']} bytes)")


@app.command()
def promote(
    name: Name,
    stream: Stream,
    version: Version = None,
    server: Server = DEFAULT_SERVER,
    api_key: ApiKey = None,
    json: Json = False,
) -> None:
    """Let a version score a stream from now on.

    Example: anomaly_detection models promote pumps --stream pumps --version 3
    """
    with connected(server, api_key) as client:
        _tell("promote", client.models.promote(name, stream, version=version), json)


@app.command()
def rollback(
    name: Name, stream: Stream, server: Server = DEFAULT_SERVER, api_key: ApiKey = None, json: Json = False
) -> None:
    """Go back to what scored a stream before.

    Example: anomaly_detection models rollback pumps --stream pumps
    """
    with connected(server, api_key) as client:
        _tell("rollback", client.models.rollback(name, stream), json)


app.command()(shadow)
app.command()(unshadow)
app.command()(compare)


def _made_by(version: Mapping[str, Any]) -> str:
    from anomaly_detection.cli.printing import cell

    parameters = version.get("parameters")
    return f"{version['algorithm']}: {cell(parameters)}" if parameters else str(version["algorithm"])


def _tell(change: str, deployment: Mapping[str, Any], json: bool) -> None:
    from anomaly_detection.cli import printing

    if json:
        printing.as_json(deployment)
        return
    model = deployment.get("model") or "the streaming detector"
    shown = {"stream": deployment.get("stream"), "scored by": model}
    names = ("version", "previous_version", "revision")
    printing.details(change, shown | {key: deployment.get(key) for key in names})
