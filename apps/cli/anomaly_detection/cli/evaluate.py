"""`anomaly_detection evaluate`: how good a model is on another file."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from ad_detectors.errors import DataError
from anomaly_detection.cli.printing import counted
from anomaly_detection.cli.progress import note, step
from anomaly_detection.errors import CliError

QUANTILES = (0.0, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
DEFAULT_LABEL = "label"


def evaluate(
    model: Annotated[Path, typer.Option(help="A model from `train`.")],
    test: Annotated[Path, typer.Option(help="CSV, JSON, NDJSON, Parquet or Arrow file.")],
    label: Annotated[
        str | None, typer.Option(help="Column with 1 = anomaly, 0 = normal. [default: label, if there]")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The result as JSON, for programs.")] = False,
    trust_key: Annotated[
        list[Path] | None,
        typer.Option(help="Public key file of the model's signer that you trust.", metavar="<path>"),
    ] = None,
) -> None:
    """Score a file by a model: precision, recall and ranking with labels, else counts and distribution.

    Example: anomaly_detection evaluate --model model.adm --test test.csv --label label
    """
    from anomaly_detection.cli import show, tables
    from anomaly_detection.files import load_model

    loaded = load_model(model, trust_key or [])
    column = label or DEFAULT_LABEL
    with step(f"reading {test.name}"):
        data = tables.load(test, without=(column,))
    if label is not None and label not in data.frame.columns:
        raise CliError(f"{test}: no column {label!r}; there are {', '.join(data.frame.columns)}")
    with step(f"scoring {counted(data.rows, 'row')}"):
        try:
            scored = loaded.score_frame(data)
        except DataError as error:
            raise CliError(f"{test} does not fit {model}: {error}") from error
    result: dict[str, Any] = {
        "model": str(model),
        "test": str(test),
        "algorithm": loaded.algorithm,
        "rows": data.rows,
        "threshold": loaded.threshold,
        "anomalies": int(scored.label.sum()),
        "score_quantiles": _quantiles(scored.score),
    }
    if column in data.frame.columns:
        from ad_detectors.evaluation import evaluate as compare

        result |= asdict(compare(tables.labels_of(data, column), scored.label, scored.score))
    elif not json:
        note("no labels: counts and scores only; --label names a column of zeros and ones")
    if json:
        show.as_json(result)
    else:
        show.table(f"{model.name} on {test.name}", ["what", "value"], _lines(result))


def _quantiles(scores: Any) -> dict[str, float]:
    import numpy as np

    return {f"{share:g}": float(np.quantile(scores, share)) for share in QUANTILES}


def _lines(result: dict[str, Any]) -> list[tuple[str, str]]:
    lines = []
    for name, value in result.items():
        if isinstance(value, dict):
            lines += [(f"score quantile {share}", f"{part:.4f}") for share, part in value.items()]
        else:
            shown = (
                f"{value:.4f}" if isinstance(value, float) else "not defined" if value is None else str(value)
            )
            lines.append((name.replace("_", " "), shown))
    return lines
