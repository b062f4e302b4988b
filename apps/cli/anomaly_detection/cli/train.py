"""`anomaly_detection train`: a model file from a data file."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from anomaly_detection.cli.options import (
    ALGORITHM_HELP,
    TRAINED,
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


def train(
    data: Annotated[Path, typer.Option(help="CSV, JSON, NDJSON, Parquet or Arrow file, mostly normal rows.")],
    output: Annotated[Path, typer.Option(help="Where the model goes; the name ends in .adm.")] = Path(
        "model.adm"
    ),
    algorithm: Annotated[str, typer.Option(help=ALGORITHM_HELP)] = "isolation_forest",
    contamination: Annotated[float, typer.Option(help="Share of the rows above the threshold.")] = 0.05,
    columns: Annotated[
        str | None, typer.Option(help="Features, divided by commas. [default: all numeric ones]")
    ] = None,
    param: Params = None,
    json: Annotated[bool, typer.Option("--json", help="The result as JSON, for programs.")] = False,
    verbose: Verbose = False,
) -> None:
    """Train a model and save it, signed with your key, for `detect`, `evaluate` and the server.

    Example: anomaly_detection train --data training.csv --algorithm isolation_forest --output model.adm
    """
    check_contamination(contamination)
    from ad_detectors.model import Model
    from anomaly_detection.cli import show, tables
    from anomaly_detection.files import save_model

    if output.suffix != ".adm":
        raise CliError(f"{output}: a model file ends in .adm (a signed zip of arrays, no pickle)")
    check_writable(output)
    algorithm_of(algorithm, TRAINED)
    with step(f"reading {data.name}"):
        table = tables.load(data, names_of(columns), spare_labels=True)
    note_labels(table.labels)
    if table.left_out and columns is None:
        left_out = ", ".join(table.left_out)
        note(f"not numeric, left out of the features: {left_out} (--columns chooses the features)")
    with step(f"training {algorithm} on {counted(table.rows, 'row')}"):
        model = Model.train(
            algorithm,
            table.features,
            table.names,
            contamination=contamination,
            parameters=parameters_of(param),
            created_ms=time.time_ns() // 1_000_000,
        )
        save_model(model, output)
    result = {
        "model": str(output),
        "algorithm": algorithm,
        "parameters": model.detector.parameters.as_dict(),
        "features": list(model.feature_names),
        "rows": model.training.rows,
        "contamination": model.contamination,
        "threshold": model.threshold,
        "size_bytes": output.stat().st_size,
        "reasons": list(model.detector.reasons),
    }
    tell_reasons(model, verbose)
    if json:
        show.as_json(result)
    else:
        show.table("trained", ["what", "value"], _lines(result))


def _lines(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, _shown(value)) for name, value in result.items() if name != "reasons"]


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={part}" for name, part in value.items())
    return ", ".join(value) if isinstance(value, list) else f"{value}"
