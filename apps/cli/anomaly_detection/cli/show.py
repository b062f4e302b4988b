"""The anomalies of a file for people (tables) and for programs (JSON)."""

import math
import sys
from collections.abc import Iterable
from typing import Any

import numpy as np

from anomaly_detection.cli.findings import Findings
from anomaly_detection.cli.printing import as_json, cell, counted, table
from anomaly_detection.cli.reasons import because
from anomaly_detection.cli.tables import DataFile

Keys = list[str | None] | None
"""The entity of each row of the file."""

__all__ = ["anomalies_json", "anomalies_table", "as_json", "table", "top"]


def anomalies_table(findings: Findings, data: DataFile, limit: int) -> None:
    """The most improbable anomalies, in the order of the file."""
    chosen = top(findings, limit)
    whose = [] if data.entity is None else ["entity"]
    columns = ["row", *(["time"] if data.times else []), *whose, "score", "one in", "severity", "because"]
    found, rows = counted(len(findings.rows), "anomaly", "anomalies"), counted(data.rows, "row")
    title = f"{found} in {rows} of {data.path.name} ({findings.algorithm})"
    keys = data.entities
    table(title, columns, [_line(findings, data, keys, place) for place in chosen])
    if len(chosen) < len(findings.rows):
        highest = "highest score" if len(chosen) == 1 else f"{len(chosen)} highest scores"
        sys.stderr.write(f"the {highest} of {len(findings.rows)}; --limit shows more\n")


def anomalies_json(findings: Findings, data: DataFile, limit: int | None) -> dict[str, Any]:
    """The same for programs."""
    chosen = range(len(findings.rows)) if limit is None else top(findings, limit)
    keys = data.entities
    return {
        "input": str(data.path),
        "algorithm": findings.algorithm,
        "features": list(findings.names),
        "rows": data.rows,
        "anomalies": len(findings.rows),
        "threshold": findings.threshold,
        "results": [_record(findings, data, keys, place) for place in chosen],
    }


def top(findings: Findings, limit: int) -> list[int]:
    """Positions of the highest scores among the anomalies, in the order of the file."""
    order = np.argsort(-findings.score[findings.rows], kind="stable")[:limit]
    return sorted(int(place) for place in order)


def _line(findings: Findings, data: DataFile, keys: Keys, place: int) -> list[str]:
    row = int(findings.rows[place])
    return [
        str(row),
        *([data.times[row]] if data.times else []),
        *([] if keys is None else [cell(keys[row])]),
        f"{findings.score[row]:.4f}",
        f"{1 / findings.probability[row]:,.0f}",
        findings.severities[place],
        _because(findings, place),
    ]


def _because(findings: Findings, place: int) -> str:
    lines = (findings.contributions, findings.values, findings.expected)
    return because(
        findings.algorithm,
        *(dict(zip(findings.names, line[place].tolist(), strict=True)) for line in lines),
    )


def _record(findings: Findings, data: DataFile, keys: Keys, place: int) -> dict[str, Any]:
    row, nearest = int(findings.rows[place]), findings.nearest
    return {
        "row": row,
        **({"time": data.times[row]} if data.times else {}),
        **({} if keys is None else {"entity": keys[row]}),
        "score": float(findings.score[row]),
        "probability": float(findings.probability[row]),
        "severity": findings.severities[place],
        "value": _by_name(findings, findings.values[place]),
        "expected": _by_name(findings, findings.expected[place]),
        "contributions": _by_name(findings, findings.contributions[place]),
        **({} if nearest is None else {"nearest": _by_name(findings, nearest[place])}),
    }


def _by_name(findings: Findings, values: Iterable[float]) -> dict[str, float | None]:
    return {n: float(v) if math.isfinite(v) else None for n, v in zip(findings.names, values, strict=True)}
