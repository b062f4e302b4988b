"""What every benchmark hands over: figures with what they must reach."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One figure; `must` is the line to pass and `aim` what is worked towards."""

    figure: str
    value: float
    unit: str
    must: float | None = None
    aim: float | None = None
    ok: bool = True


def finish(figures: Sequence[Figure], path: Path | None) -> int:
    """Write the figures as JSON where that is asked for, name those that miss their must; the exit code."""
    if path is not None:
        path.write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")
    missed = [figure for figure in figures if not figure.ok]
    for figure in missed:
        print(f"MISSED {figure.figure}: {figure.value:g} {figure.unit}, must be {figure.must:g}")
    return 1 if missed else 0
