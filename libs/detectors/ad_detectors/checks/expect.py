"""How a check fails, and the data that checks use."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ad_detectors.errors import DetectorError
from ad_detectors.matrix import Floats


class CheckFailedError(AssertionError):
    """A detector does not do what every detector promises."""


def expect(holds: object, otherwise: str) -> None:
    """Fail unless it holds."""
    if not holds:
        raise CheckFailedError(otherwise)


def same_bits(first: NDArray[Any], second: NDArray[Any]) -> bool:
    """Equal shape, type and bits; NaN equals NaN."""
    return first.shape == second.shape and first.dtype == second.dtype and first.tobytes() == second.tobytes()


def expect_refusal(call: Callable[[], object], words: tuple[str, ...], what: str) -> None:
    """Fail unless the call is refused by an error of this library that contains all the words."""
    try:
        call()
    except DetectorError as error:
        lacking = [word for word in words if word not in str(error)]
        expect(not lacking, f"the error on {what} does not name {lacking}: {error}")
        return
    raise CheckFailedError(f"{what} was not refused")


def ties(scores: Floats) -> str:
    """What to say, after a comparison failed, of rows that score alike; nothing where all differ."""
    values, counts = np.unique(scores, return_counts=True)
    most = int(counts.argmax())
    if counts[most] == 1:
        return ""
    return (
        f"; {counts[most]} of {len(scores)} have the same score, {values[most]:.6g}: no threshold can part them, "
        "so a score must tell ordinary rows apart, too"
    )


def expect_share(name: str, scores: Floats, threshold: float, contamination: float) -> None:
    """Fail unless this share of the training rows scores above the threshold."""
    share = float((scores > threshold).mean())
    expect(
        abs(share - contamination) <= 0.002,
        f"{name}: {share:.4g} of the training rows score above the threshold for {contamination:g}{ties(scores)}",
    )


def ordinary(rows: int = 400, features: int = 3, seed: int = 7) -> Floats:
    """Normal rows with different scales and levels."""
    generator = np.random.default_rng(seed)
    scales = 10.0 ** (np.arange(features) % 3)
    noise: Floats = generator.normal(size=(rows, features))
    table: Floats = noise * scales + 5.0 * scales
    return table


def peculiar() -> dict[str, Floats]:
    """Tables that break careless code, by name."""
    generator = np.random.default_rng(11)
    rows = ordinary(60, 3)
    with_missing = rows.copy()
    with_missing[generator.random(rows.shape) < 0.3] = np.nan
    infinite = rows.copy()
    infinite[3, 0], infinite[4, 1] = np.inf, -np.inf
    return {
        "constant": np.full((50, 2), 3.5),
        "zeros": np.zeros((50, 2)),
        "one constant column": np.column_stack([rows, np.full(60, -2.0)]),
        "missing values": with_missing,
        "a column that is all missing": np.column_stack([rows, np.full(60, np.nan)]),
        "everything missing": np.full((20, 2), np.nan),
        "infinities": infinite,
        "infinities only": np.full((20, 1), np.inf),
        "huge values": rows * 1e300,
        "tiny values": rows * 1e-305,
        "one row": rows[:1],
        "two rows": rows[:2],
        "one column": rows[:, :1],
        "100 columns": ordinary(80, 100),
        "1,000 columns": ordinary(12, 1000),
        "duplicates": np.repeat(rows[:5], 20, axis=0),
        "two values": (rows > rows.mean()).astype(np.float64),
        "whole numbers beyond float32": rows.round() + 2.0**40,
    }
