"""Figures with what they must reach, in how many times the peer, and what holds them back."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.figures import Figure


@dataclass(frozen=True)
class Measured(Figure):
    """A figure; `ratio` is to the peer of the same run, `ratio_must` what it must be at least."""

    ratio: float | None = None
    ratio_must: float | None = None
    limit: str = ""


@dataclass(frozen=True)
class Section:
    """What one section hands over: figures that are judged, and a table of how cost grows."""

    figures: Sequence[Measured] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def at_least(
    figure: str, value: float, unit: str, must: float | None = None, aim: float | None = None, limit: str = ""
) -> Measured:
    return Measured(figure, value, unit, must, aim, must is None or value >= must, limit=limit)


def at_most(
    figure: str, value: float, unit: str, must: float | None = None, aim: float | None = None, limit: str = ""
) -> Measured:
    return Measured(figure, value, unit, must, aim, must is None or value <= must, limit=limit)


def beside(figure: Measured, peer: float | None, ratio_must: float | None = None) -> Measured:
    """The figure with its ratio to the peer; without a peer the ratio is not judged."""
    if peer is None:
        return replace(figure, ratio_must=ratio_must)
    ratio = figure.value / peer
    enough = ratio_must is None or ratio >= ratio_must
    return replace(figure, ratio=ratio, ratio_must=ratio_must, ok=figure.ok and enough)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed (nearest rank)."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)), 1) - 1]


def lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table in columns: the first and the last to the left, figures between them to the right."""
    table = [head, *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    last = len(head) - 1
    return [
        "  ".join(
            cell.ljust(width) if column in {0, last} else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]


HEAD = ("figure", "value", "unit", "must", "aim", "× peer", "", "limit")


def row(figure: Measured) -> tuple[str, ...]:
    judged = figure.must is not None or figure.ratio_must is not None
    verdict = ("ok" if figure.ok else "MISSED") if judged else ""
    return (
        figure.figure,
        number(figure.value),
        figure.unit,
        number(figure.must),
        number(figure.aim),
        _ratio(figure),
        verdict,
        figure.limit,
    )


def number(value: float | None) -> str:
    """Three digits at least; nothing for None."""
    if value is None:
        return ""
    if not math.isfinite(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _ratio(figure: Measured) -> str:
    if figure.ratio is None:
        return "not measured" if figure.ratio_must is not None else ""
    must = "" if figure.ratio_must is None else f" (must {figure.ratio_must:,.0f})"
    return f"{number(figure.ratio)}{must}"


def show(name: str, section: Section) -> None:
    print(f"\n-- {name}")
    if section.figures:
        print("\n".join(lines(HEAD, [row(figure) for figure in section.figures])))
    if section.rows:
        print("\n".join(lines(section.head, section.rows)), flush=True)
