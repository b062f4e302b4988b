"""Why an anomaly is one, in the words of the table."""

from collections.abc import Mapping

from anomaly_detection.cli.printing import cell

MOST_FEATURES = 3
SMALLEST_SHARE = 0.1
EXPECTED = {"adaptive": "closest usual"}
"""What the expected value of an algorithm is, where it is not what is normal."""


def because(
    algorithm: str,
    contributions: Mapping[str, float],
    values: Mapping[str, float | None],
    expected: Mapping[str, float | None],
) -> str:
    """The features that made it one, the strongest first."""
    shares = {name: share for name, share in contributions.items() if share > 0}
    enough = SMALLEST_SHARE * sum(shares.values())
    strongest = sorted((name for name in shares if shares[name] >= enough), key=lambda name: -shares[name])
    word = EXPECTED.get(algorithm, "normal")
    parts = [
        f"{cell(name)}={cell(values.get(name))} ({word} {cell(expected.get(name))})"
        for name in strongest[:MOST_FEATURES]
    ]
    return ", ".join(parts)
