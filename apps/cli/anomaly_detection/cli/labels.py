"""What is known to be anomalous, from a file: moments, stretches of time, or a label for each record."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from anomaly_detection.errors import CliError

TIMES = ("time", "timestamp")
FORMS = (
    "`start` and `end`, or `time` and perhaps `label` (0 or 1); `entity` beside them where there are entities"
)
TRUE, FALSE = {"1", "1.0", "true"}, {"", "0", "0.0", "false"}
Row = Mapping[str, Any]


def read_labels(path: Path) -> list[dict[str, Any]]:
    """As the platform takes them. Records labelled 1 that follow each other are one stretch of time of their entity."""
    rows = _rows(path)
    if not rows:
        raise CliError(f"{path}: holds no rows; a file of labels has {FORMS}")
    if "start" in rows[0] and "end" in rows[0]:
        return [_plain({name: row.get(name) for name in ("start", "end", "entity")}) for row in rows]
    time = next((name for name in TIMES if name in rows[0]), None)
    if time is None:
        raise CliError(f"{path}: has the columns {', '.join(rows[0])}; a file of labels has {FORMS}")
    if "label" not in rows[0]:
        return [_plain({"time": row[time], "entity": row.get("entity")}) for row in rows]
    return list(_stretches(path, rows, time))


def _stretches(path: Path, rows: Sequence[Row], time: str) -> Iterator[dict[str, Any]]:
    """Runs of rows with the label 1, of each entity by itself, in the order of the file."""
    entities: dict[Any, list[tuple[Any, bool]]] = {}
    for number, row in enumerate(rows, start=1):
        entities.setdefault(row.get("entity"), []).append((row[time], _label(path, number, row["label"])))
    for entity, labelled in entities.items():
        run: list[Any] = []
        for moment, label in [*labelled, (None, False)]:
            if label:
                run.append(moment)
            elif run:
                yield _plain({"start": run[0], "end": run[-1], "entity": entity})
                run = []


def _label(path: Path, number: int, value: object) -> bool:
    text = "" if value is None else str(value).strip().lower()
    if text not in TRUE | FALSE:
        raise CliError(f"{path}: the label of row {number} is {value!r}; it must be 0 or 1")
    return text in TRUE


def _plain(row: Row) -> dict[str, Any]:
    """Times as text; what is empty is left out."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in row.items()
        if value is not None and value != ""
    }


def _rows(path: Path) -> list[dict[str, Any]]:
    """Not by `read_table`, which wants a column of numbers."""
    import polars as pl

    readers: dict[str, Callable[[], pl.DataFrame]] = {
        ".csv": lambda: pl.read_csv(path, infer_schema=False),
        ".parquet": lambda: pl.read_parquet(path),
        ".json": lambda: pl.read_json(path),
        ".ndjson": lambda: pl.read_ndjson(path),
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise CliError(f"{path}: labels are read from files that end in {', '.join(readers)}")
    try:
        return reader().to_dicts()
    except FileNotFoundError as error:
        raise CliError(f"{path}: no such file; give the path of a file with labels") from error
    except (pl.exceptions.PolarsError, ValueError, OSError) as error:
        raise CliError(f"{path}: not readable as {path.suffix}: {error}") from error
