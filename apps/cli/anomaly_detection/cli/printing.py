"""Tables and JSON on stdout; light, so that a command without arrays starts fast."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def as_json(result: Mapping[str, Any]) -> None:
    """One JSON document on one line of stdout."""
    sys.stdout.write(json.dumps(result, ensure_ascii=False, allow_nan=False) + "\n")


def table(title: str, columns: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    """A table on stdout; numbers stand right."""
    from rich.console import Console
    from rich.table import Table

    drawn = Table(title=title, title_justify="left", title_style="bold")
    for place, column in enumerate(columns):
        drawn.add_column(column, justify="left" if place == 0 else "right", overflow="fold")
    for line in lines:
        drawn.add_row(*line)
    console = Console() if sys.stdout.isatty() else Console(width=120)
    console.print(drawn, markup=False)


def records(title: str, names: Sequence[str], items: Iterable[Mapping[str, Any]]) -> None:
    """A table of answers of the server, one line each."""
    table(title, names, [[cell(item.get(name)) for name in names] for item in items])


def details(title: str, item: Mapping[str, Any], names: Sequence[str] | None = None) -> None:
    """One answer of the server, one line for each of its fields."""
    table(title, ["what", "value"], [(name, cell(item.get(name))) for name in names or item])


def cell(value: object) -> str:
    """A value for people. Control characters of what others sent must not reach the terminal."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.6g}"
        case dict():
            return ", ".join(f"{name}={cell(part)}" for name, part in value.items()) or "-"
        case list():
            return ", ".join(cell(part) for part in value) or "-"
    return "".join(letter if letter.isprintable() else " " for letter in str(value))
