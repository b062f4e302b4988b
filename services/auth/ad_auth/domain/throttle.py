"""How long logins wait after failures."""

FREE = 5
"""So many tries follow one another at once: who mistypes is not to notice."""
MOST_SECONDS = 64


def delay_seconds(tries: int) -> int:
    """How long the next try waits after so many without a success: nothing, then twice as long each time."""
    return 0 if tries < FREE else min(2 ** (tries - FREE + 1), MOST_SECONDS)
