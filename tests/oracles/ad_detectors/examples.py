"""The most similar of a few rows, written as one says it."""

from collections.abc import Sequence


def nearest(row: Sequence[float], examples: Sequence[Sequence[float]], scale: Sequence[float]) -> int:
    def unlike(example: Sequence[float]) -> float:
        total = 0.0
        for value, other, unit in zip(row, example, scale, strict=True):
            total += min(abs(value - other) / unit, 1e100)
        return total

    return min(range(len(examples)), key=lambda place: unlike(examples[place]))
