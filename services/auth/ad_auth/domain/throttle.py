"""How long logins wait after failures."""

from ad_chassis.errors import TooManyRequests

FREE = 5
"""So many tries follow one another at once: who mistypes is not to notice."""
MOST_SECONDS = 64


def delay_seconds(tries: int) -> int:
    """How long the next try waits after so many without a success: nothing, then twice as long each time."""
    return 0 if tries < FREE else min(2 ** (tries - FREE + 1), MOST_SECONDS)


class TooManyTries(TooManyRequests):
    """`first` of the refusals for one reason in a window: that one is worth an entry in the audit log."""

    def __init__(self, where: str, wait_seconds: int, *, first: bool) -> None:
        seconds = "1 second" if wait_seconds == 1 else f"{wait_seconds} seconds"
        super().__init__(
            f"too many logins failed {where}; try again in {seconds}", retry_after_seconds=wait_seconds
        )
        self.reason = f"too many failures {where}"
        self.first = first
