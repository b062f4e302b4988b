"""Missing values and infinities, one value at a time."""

import math
from collections.abc import Sequence


def filled(value: float, default: float, largest: float) -> float:
    if math.isnan(value):
        return filled(default, default, largest)
    if abs(value) > largest:
        return math.copysign(largest, value)
    return value


def table(rows: Sequence[Sequence[float]], defaults: Sequence[float], largest: float) -> list[list[float]]:
    return [
        [filled(value, default, largest) for value, default in zip(row, defaults, strict=True)]
        for row in rows
    ]
