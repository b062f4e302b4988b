"""`anomaly_detection detect`: anomalies of a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ad_detectors.errors import DataError
from anomaly_detection.cli.options import (
    ALGORITHM_HELP,
    SCORING,
    Params,
    Verbose,
    algorithm_of,
    check_contamination,
    check_writable,
    names_of,
    parameters_of,
    tell_reasons,
)
from anomaly_detection.cli.printing import counted
from anomaly_detection.cli.progress import note, note_labels, step
from anomaly_detection.errors import CliError

if TYPE_CHECKING:
    from ad_detectors.catalog import Entry
    from anomaly_detection.cli.findings import Findings
    from anomaly_detection.cli.tables import DataFile

DEFAULT_ALGORITHM = "isolation_forest"
DEFAULT_LIMIT = 20
CONTAMINATION_HELP = (
    "Share of rows to call anomalous, up to 0.5. [default: 0.05] Of a streaming algorithm its alert_probability: how "
    "improbable a record must be for an alert; there are fewer, for each is followed by a pause. [default: its own]"
)
ENTITY_HELP = (
    "Column that tells entities apart, such as machines. A streaming algorithm scores each by its own records; "
    "others score rows as before, and only show it."
)


def detect(
    source: Annotated[Path, typer.Option("--input", help="CSV, JSON, NDJSON, Parquet or Arrow file.")],
    algorithm: Annotated[
        str | None, typer.Option(help=f"{ALGORITHM_HELP} [default: isolation_forest]")
    ] = None,
    contamination: Annotated[float | None, typer.Option(help=CONTAMINATION_HELP)] = None,
    model: Annotated[Path | None, typer.Option(help="A model from `train`, instead of an algorithm.")] = None,
    columns: Annotated[
        str | None, typer.Option(help="Features, divided by commas. [default: all numeric ones]")
    ] = None,
    entity: Annotated[str | None, typer.Option(help=ENTITY_HELP)] = None,
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
    verbose: Verbose = False,
) -> None:
    """Find anomalies in a file and say why each is one.

    Example: anomaly_detection detect --input data.csv --algorithm isolation_forest
    """
    check_contamination(contamination)
    entry = algorithm_of(algorithm or DEFAULT_ALGORITHM, SCORING)
    from anomaly_detection.cli import show, tables, write

    if model is not None and (algorithm is not None or param):
        raise CliError("--model says the algorithm and its parameters; leave --algorithm and --param out")
    check_writable(output)
    write.check_form(output)
    with step(f"reading {source.name}"):
        data = tables.load(source, names_of(columns), entity=entity, spare_labels=model is None)
    note_labels(data.labels)
    if data.left_out and columns is None and model is None:
        note(_left_out(data, entry))
    if model is not None:
        findings = _by_model_file(model, trust_key or [], contamination, data)
    else:
        findings = _by_algorithm(entry, parameters_of(param), contamination, data, verbose)
    if output is not None:
        write.write_scores(output, findings, data)
        note(f"scores of {counted(data.rows, 'row')} written to {output}")
    if json:
        show.as_json(show.anomalies_json(findings, data, limit))
    else:
        show.anomalies_table(findings, data, limit or DEFAULT_LIMIT)


def _left_out(data: "DataFile", entry: "Entry") -> str:
    """Which columns are no features, and which options choose otherwise."""
    names = ", ".join(data.left_out)
    told = f"not numeric, left out of the features: {names} (--columns chooses the features"
    if entry.kind != "streaming" or data.entity is not None:
        return f"{told})"
    return f"{told}, --entity {data.left_out[0]} follows each {data.left_out[0]} by itself)"


def _by_model_file(
    path: Path, trust: list[Path], contamination: float | None, data: "DataFile"
) -> "Findings":
    from anomaly_detection.cli.findings import by_model
    from anomaly_detection.files import load_model

    model = load_model(path, trust)
    _check_entity(model.algorithm, data)
    if contamination is not None:
        model = model.with_contamination(contamination)
    with step("scoring"):
        try:
            return by_model(model, data)
        except DataError as error:
            raise CliError(f"{data.path} does not fit {path}: {error}") from error


def _by_algorithm(
    entry: "Entry", parameters: dict[str, Any], contamination: float | None, data: "DataFile", verbose: bool
) -> "Findings":
    from ad_detectors.model import DEFAULT_CONTAMINATION, Model
    from anomaly_detection.cli.findings import by_model, by_stream

    if entry.kind == "streaming":
        with step(f"{entry.name} on {counted(data.rows, 'row')}"):
            return by_stream(entry.name, _for_alerts(parameters, contamination), data)
    _check_entity(entry.name, data)
    with step(f"{entry.name} on {counted(data.rows, 'row')}"):
        share = DEFAULT_CONTAMINATION if contamination is None else contamination
        model = Model.train(entry.name, data.features, data.names, contamination=share, parameters=parameters)
        findings = by_model(model, data)
    tell_reasons(model, verbose)
    return findings


def _for_alerts(parameters: dict[str, Any], contamination: float | None) -> dict[str, Any]:
    """The parameters of a streaming detector, to which a contamination is the probability of an alert."""
    if contamination is None:
        return parameters
    if "alert_probability" in parameters:
        raise CliError(
            "--contamination is the alert_probability of a streaming detector; leave one of the two out"
        )
    return {"alert_probability": contamination, **parameters}


def _check_entity(algorithm: str, data: "DataFile") -> None:
    """Only streaming detectors keep entities apart; points of a series must not be mixed."""
    from ad_detectors import catalog

    if data.entity is None:
        return
    if algorithm in catalog.names("series"):
        raise CliError(
            f"{algorithm} takes the rows as one series, --entity would mix those of several; "
            "give the rows of one entity, or a streaming --algorithm such as adaptive"
        )
    note(
        f"{algorithm} scores each row for itself, whatever its {data.entity}; "
        "a streaming --algorithm such as adaptive keeps entities apart"
    )
