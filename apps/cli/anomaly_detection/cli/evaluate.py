"""`anomaly_detection evaluate`: how good a model is on another file."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ad_detectors.errors import DataError
from anomaly_detection.cli.printing import counted
from anomaly_detection.cli.progress import note, step
from anomaly_detection.errors import CliError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ad_detectors.model import Model, Scored
    from anomaly_detection.cli.tables import DataFile

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
    """Score a file by a model: ranking, precision and confusion table with labels, else counts and distribution.

    Example: anomaly_detection evaluate --model model.adm --test test.csv --label label
    """
    from anomaly_detection.cli import printing, tables
    from anomaly_detection.files import load_model

    loaded = load_model(model, trust_key or [])
    column = label or DEFAULT_LABEL
    with step(f"reading {test.name}"):
        data = tables.load(test, without=(column,))
    if label is not None and label not in data.frame.columns:
        raise CliError(f"{test}: no column {label!r}; there are {', '.join(data.frame.columns)}")
    with step(f"scoring {counted(data.rows, 'row')}"):
        scored = _scored(loaded, model, data)
    figures = _figures(data, column, scored) if column in data.frame.columns else {}
    if json:
        printing.as_json(_head(loaded, model, data, scored) | figures)
        return
    if not figures:
        note("no labels: counts and scores only; --label names a column of zeros and ones")
    head = _head(loaded, model, data, scored)
    printing.table(f"{model.name} on {test.name}", ["what", "value"], _lines(head | _ordered(figures)))
    if figures:
        _print_confusion(figures)
        note(
            "VUS-PR takes the rows as points in order of time, and forgives edges of labels by its window in rows"
        )


def _scored(model: "Model", path: Path, data: "DataFile") -> "Scored":
    try:
        return model.score_frame(data)
    except DataError as error:
        raise CliError(f"{data.path} does not fit {path}: {error}") from error


def _head(model: "Model", path: Path, data: "DataFile", scored: "Scored") -> dict[str, Any]:
    import numpy as np

    return {
        "model": str(path),
        "test": str(data.path),
        "algorithm": model.algorithm,
        "rows": data.rows,
        "threshold": model.threshold,
        "anomalies": int(scored.label.sum()),
        "score_quantiles": {f"{share:g}": float(np.quantile(scored.score, share)) for share in QUANTILES},
    }


def _figures(data: "DataFile", column: str, scored: "Scored") -> dict[str, Any]:
    """Everything that needs labels."""
    from ad_detectors.evaluation import evaluate as compare
    from anomaly_detection.cli import tables

    truth = tables.labels_of(data, column)
    figures = asdict(compare(truth, scored.label, scored.score))
    return figures | _range_figures(data, truth, scored)


def _range_figures(data: "DataFile", truth: "NDArray[np.bool_]", scored: "Scored") -> dict[str, Any]:
    """VUS-PR, where the labels differ and no time says that the rows are in another order."""
    import numpy as np

    from ad_detectors.base import interpolated
    from ad_detectors.evaluation_ranges import natural_window, vus_pr
    from anomaly_detection.cli import tables

    moments = tables.moments(data)
    in_order = moments is None or bool((np.diff(moments) >= 0).all())
    if not in_order or truth.all() or not truth.any():
        return {"vus_pr": None, "vus_window": None}
    window = natural_window(interpolated(scored.matrix, np.zeros(scored.matrix.shape[1]))[:, 0])
    return {"vus_pr": vus_pr(truth, scored.score, window), "vus_window": window}


NAMES = {
    "auroc": "AUROC",
    "average_precision": "average precision",
    "vus_pr": "VUS-PR",
    "vus_window": "VUS-PR window in rows",
    "precision": "precision at the threshold",
    "recall": "recall at the threshold",
    "f1": "F1 at the threshold",
}
CONFUSION = ("true_positives", "false_positives", "false_negatives", "true_negatives")


def _ordered(figures: dict[str, Any]) -> dict[str, Any]:
    """The ranking before what the threshold makes of it; the confusion table stands apart."""
    return {name: figures[name] for name in NAMES if name in figures}


def _lines(result: dict[str, Any]) -> list[tuple[str, str]]:
    lines = []
    for name, value in result.items():
        if name == "score_quantiles":
            lines += [(f"score quantile {share}", f"{part:.4f}") for share, part in value.items()]
        else:
            shown = (
                f"{value:.4f}" if isinstance(value, float) else "not defined" if value is None else str(value)
            )
            lines.append((NAMES.get(name, name), shown))
    return lines


def _print_confusion(figures: dict[str, Any]) -> None:
    from anomaly_detection.cli import printing

    hits, false, missed, quiet = (figures[name] for name in CONFUSION)
    rows = [
        ("anomaly", hits, missed, hits + missed),
        ("normal", false, quiet, false + quiet),
        ("all", hits + false, missed + quiet, hits + false + missed + quiet),
    ]
    columns = ["labelled", "called anomaly", "called normal", "all"]
    printing.table("confusion table", columns, [tuple(map(str, row)) for row in rows])
