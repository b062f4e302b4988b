"""How far a worker is, read again and again, and what that makes per second."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

COUNTED = "anomaly_detection_records_total"
STEPS = "anomaly_detection_step_seconds_sum"
SCORED = "anomaly_detection_records_scored_total"
WHOLE = ("handle", "commit")
"""Other steps are parts of these, or waiting."""
LINE = re.compile(r"^(\w+)\{([^}]*)\} (\S+)$", re.MULTILINE)
LABEL = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Sample:
    """One look: when, messages committed so far, CPU seconds and seconds per step so far."""

    at: float
    messages: float
    cpu: float
    steps: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Rates:
    """Per CPU second of the workers, per second of the clock; how busy they were, and with what."""

    per_cpu_second: float
    per_second: float
    cores: float
    steps: Mapping[str, float]

    def limit(self) -> str:
        """In words: what the time of the workers went into."""
        whole = {name: self.steps[name] for name in WHOLE if name in self.steps}
        total = sum(whole.values()) or 1.0
        shares = ", ".join(f"{name} {seconds / total:.0%}" for name, seconds in sorted(whole.items()))
        return f"{self.cores:.2f} cores busy; {shares}"


def total(text: str, metric: str, **labels: str) -> float:
    """The sum of a metric over all label sets that hold these."""
    return sum(
        float(value)
        for name, found, value in LINE.findall(text)
        if name == metric and labels.items() <= dict(LABEL.findall(found)).items()
    )


def steps(text: str, topic: str) -> dict[str, float]:
    """Seconds by step of the batches of one topic."""
    seconds: dict[str, float] = {}
    for name, found, value in LINE.findall(text):
        labels = dict(LABEL.findall(found))
        if name == STEPS and labels.get("topic") == topic:
            seconds[labels["step"]] = seconds.get(labels["step"], 0.0) + float(value)
    return seconds


def rates(samples: Sequence[Sample], rows_per_message: int = 1) -> Rates:
    """From the first look to the last one.

    The clock stops at the last look at which work was left: after that, the worker waits to be looked at.
    Fewer than two looks make no rate, so not a number.
    """
    if len(samples) < 2:
        return Rates(math.nan, math.nan, math.nan, {})
    first, last = samples[0], samples[-1]
    working = [sample for sample in samples if sample.messages < last.messages]
    end = working[-1] if len(working) > 1 else last
    rows = (last.messages - first.messages) * rows_per_message
    return Rates(
        per_cpu_second=rows / (last.cpu - first.cpu),
        per_second=(end.messages - first.messages) * rows_per_message / (end.at - first.at),
        cores=(end.cpu - first.cpu) / (end.at - first.at),
        steps={name: seconds - first.steps.get(name, 0.0) for name, seconds in last.steps.items()},
    )
