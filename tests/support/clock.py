"""A clock that a test sets."""

from dataclasses import dataclass


@dataclass
class Clock:
    """In the unit of whoever asks it: seconds, or milliseconds."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now
