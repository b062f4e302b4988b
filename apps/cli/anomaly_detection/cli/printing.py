"""Tables and JSON on stdout; light, so that a command without arrays starts fast."""

import json
import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

PIPED_WIDTH = 120
WHOLE = {"id", "name", "model", "status", "version", "latest", "row", "score", "one in", "severity"}
"""Columns whose cells stay on one line, so that they can be copied."""
LONGEST_WHOLE = 40
FRAME = 3
TIMES = {
    "time": "time (UTC)",
    "start": "start (UTC)",
    "end": "end (UTC)",
    "peak": "peak (UTC)",
    "created_at": "created (UTC)",
    "expires_at": "expires (UTC)",
    "last_used_at": "last used (UTC)",
    "registered_at": "registered (UTC)",
}


def as_json(result: Mapping[str, Any]) -> None:
    """One JSON document on one line of stdout."""
    sys.stdout.write(json.dumps(result, ensure_ascii=False, allow_nan=False) + "\n")


def table(
    title: str,
    columns: Sequence[str],
    lines: Iterable[Sequence[str]],
    spare: str | None = None,
    words: Collection[str] = (),
) -> None:
    """A title and a table on stdout, the title alone when nothing is in it; what is no `words` stands right.

    The column `spare` is left out where the others need its room.
    """
    from rich.console import Console
    from rich.table import Table

    rows = [tuple(line) for line in lines]
    console = Console(width=_width())
    # Not the table's own title, which would be wrapped to the width of the table.
    console.print(title, style="bold", markup=False, highlight=False, soft_wrap=True)
    if not rows:
        return
    cells = {column: [row[place] for row in rows] for place, column in enumerate(columns)}
    if spare is not None and 1 + sum(_needed(*each) for each in cells.items()) > console.width:
        del cells[spare]
    drawn = Table()
    for place, (column, parts) in enumerate(cells.items()):
        side: Literal["left", "right"] = "left" if place == 0 or column in words else "right"
        drawn.add_column(column, justify=side, overflow="fold", no_wrap=_is_whole(column, parts))
    for row in zip(*cells.values(), strict=True):
        drawn.add_row(*row)
    console.print(drawn, markup=False)


def text(title: str, body: str) -> None:
    """A title and paragraphs on stdout."""
    from rich.console import Console

    console = Console(width=_width())
    console.print(title, style="bold", markup=False, highlight=False, soft_wrap=True)
    for paragraph in body.split("\n\n"):
        console.print(" ".join(paragraph.split()), markup=False, highlight=False)
        console.print()


def lines(title: str, body: str) -> None:
    """A title on stdout, and lines below it as they are."""
    from rich.console import Console

    Console(width=_width()).print(title, style="bold", markup=False, highlight=False, soft_wrap=True)
    sys.stdout.write(f"{body}\n")


def _is_whole(column: str, cells: Sequence[str]) -> bool:
    return column in WHOLE and max(map(len, cells)) <= LONGEST_WHOLE


def _needed(column: str, cells: Sequence[str]) -> int:
    """The width at which no word of a column is broken, with its frame."""
    texts = [column, *cells]
    parts = texts if _is_whole(column, cells) else [word for text in texts for word in text.split()]
    return FRAME + max(map(len, parts), default=0)


def _width() -> int | None:
    """None lets the terminal say it."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    return None if sys.stdout.isatty() else PIPED_WIDTH


def records(
    title: str, names: Sequence[str], items: Iterable[Mapping[str, Any]], spare: str | None = None
) -> None:
    """A table of answers of the server, one line each."""
    heads = [TIMES.get(name, name) for name in names]
    lines = [[(moment if name in TIMES else cell)(item.get(name)) for name in names] for item in items]
    table(title, heads, lines, None if spare is None else TIMES.get(spare, spare))


def details(title: str, item: Mapping[str, Any], names: Sequence[str] | None = None) -> None:
    """One answer of the server, one line for each of its fields."""
    table(title, ["what", "value"], [(name, cell(item.get(name))) for name in names or item])


def counted(number: int, one: str, many: str | None = None) -> str:
    """`no jobs`, `1 job`, `2 jobs`."""
    return f"{number or 'no'} {one if number == 1 else many or one + 's'}"


def moment(value: object) -> str:
    """A time of the server for people: UTC, to the second."""
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return cell(value)
    return f"{found.astimezone(UTC) if found.tzinfo else found:%Y-%m-%d %H:%M:%S}"


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
