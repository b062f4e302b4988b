"""All scores into a file whose name says the form."""

from pathlib import Path

import polars as pl

from anomaly_detection.cli.findings import Findings
from anomaly_detection.cli.tables import DataFile
from anomaly_detection.errors import CliError

FORMS = (".csv", ".json", ".ndjson", ".parquet", ".arrow")


def check_form(path: Path | None) -> None:
    """Refuse a name that says no form."""
    if path is not None and path.suffix.lower() not in FORMS:
        raise CliError(f"{path}: the name must end in one of {', '.join(FORMS)}")


def write_scores(path: Path, findings: Findings, data: DataFile) -> None:
    """The rows of the input with three columns more: score, probability, anomaly."""
    scores = {"score": findings.score, "probability": findings.probability, "anomaly": findings.label}
    frame = data.frame.with_columns([pl.Series(name, values) for name, values in scores.items()])
    match path.suffix.lower():
        case ".csv":
            frame.write_csv(path)
        case ".json":
            frame.write_json(path)
        case ".ndjson":
            frame.write_ndjson(path)
        case ".parquet":
            frame.write_parquet(path)
        case _:
            frame.write_ipc(path)
