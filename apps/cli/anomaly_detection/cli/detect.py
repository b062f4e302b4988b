"""`anomaly_detection detect`: anomalies of a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ad_detectors.errors import DataError
from anomaly_detection.cli.options import (
    ALGORITHM_HELP,
    SCORING,
    Params,
    algorithm_of,
    check_contamination,
    check_writable,
    names_of,
    parameters_of,
)
from anomaly_detection.cli.printing import counted
from anomaly_detection.cli.progress import note, step
from anomaly_detection.errors import CliError

if TYPE_CHECKING:
    from ad_detectors.catalog import Entry
    from anomaly_detection.cli.findings import Findings
    from anomaly_detection.cli.tables import DataFile

DEFAULT_ALGORITHM = "isolation_forest"
DEFAULT_LIMIT = 20


def detect(
    source: Annotated[Path, typer.Option("--input", help="CSV, JSON, NDJSON, Parquet or Arrow file.")],
    algorithm: Annotated[
        str | None, typer.Option(help=f"{ALGORITHM_HELP} [default: isolation_forest]")
    ] = None,
    contamination: Annotated[
        float | None, typer.Option(help="Share of rows to call anomalous, up to 0.5. [default: 0.05]")
    ] = None,
    model: Annotated[Path | None, typer.Option(help="A model from `train`, instead of an algorithm.")] = None,
    columns: Annotated[str | None, typer.Option(help="Features, divided by commas. [default: all]")] = None,
    param: Params = None,
    output: Annotated[Path | None, typer.Option(help="Write all rows with their scores here.")] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="How many anomalies to show. [default: 20, with --json all]"),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The anomalies as JSON, for programs.")] = False,
    trust_key: Annotated[
        list[Path] | None,
        typer.Option(help="Public key file of a model's signer that you trust.", metavar="<path>"),
    ] = None,
) -> None:
    """Find anomalies in a file and say why each is one.

    Example: anomaly_detection detect --input data.csv --algorithm isolation_forest
    """
    check_contamination(contamination)
    entry = algorithm_of(algorithm or DEFAULT_ALGORITHM, SCORING)
    from anomaly_detection.cli import show, tables, write

    check_writable(output)
    write.check_form(output)
    with step(f"reading {source.name}"):
        data = tables.load(source, names_of(columns))
    if data.left_out and columns is None and model is None:
        note(f"not numeric, left out: {', '.join(data.left_out)}")
    if model is not None:
        if algorithm is not None or param:
            raise CliError("--model says the algorithm and its parameters; leave --algorithm and --param out")
        findings = _by_model_file(model, trust_key or [], contamination, data)
    else:
        findings = _by_algorithm(entry, parameters_of(param), contamination, data)
    if output is not None:
        write.write_scores(output, findings, data)
        note(f"scores of {counted(data.rows, 'row')} written to {output}")
    if json:
        show.as_json(show.anomalies_json(findings, data, limit))
    else:
        show.anomalies_table(findings, data, limit or DEFAULT_LIMIT)


def _by_model_file(
    path: Path, trust: list[Path], contamination: float | None, data: "DataFile"
) -> "Findings":
    from anomaly_detection.cli.findings import by_model
    from anomaly_detection.files import load_model

    model = load_model(path, trust)
    if contamination is not None:
        model = model.with_contamination(contamination)
    with step("scoring"):
        try:
            return by_model(model, data)
        except DataError as error:
            raise CliError(f"{data.path} does not fit {path}: {error}") from error


def _by_algorithm(
    entry: "Entry", parameters: dict[str, Any], contamination: float | None, data: "DataFile"
) -> "Findings":
    from ad_detectors.model import DEFAULT_CONTAMINATION, Model
    from anomaly_detection.cli.findings import by_model, by_stream

    with step(f"{entry.name} on {counted(data.rows, 'row')}"):
        if entry.kind == "streaming":
            given = {} if contamination is None else {"alert_probability": contamination}
            return by_stream(entry.name, {**given, **parameters}, data)
        share = DEFAULT_CONTAMINATION if contamination is None else contamination
        model = Model.train(entry.name, data.features, data.names, contamination=share, parameters=parameters)
        findings = by_model(model, data)
    for reason in model.detector.reasons:
        note(reason)
    return findings
