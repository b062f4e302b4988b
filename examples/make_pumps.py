"""Makes `data/pumps.csv` and `data/pumps_labelled.csv`: four pumps, with faults. Made, not measured; seeds are fixed.

python examples/make_pumps.py [FOLDER]
"""

import csv
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER = Path(__file__).with_name("data")
STEP = timedelta(minutes=3)
DAY = 480
PUMPS = ("p1", "p2", "p3", "p4")
FAULT_STEPS = 20
HEAT_OF_A_BAR = 4.0 / 1.4

Readings = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True)
class Recording:
    """Some days of all pumps. Faults are hot bearings and leaks: at which pump, from which step on, and how bad."""

    file: str
    seed: int
    start: datetime
    steps: int
    hot: Mapping[str, int]
    leaking: Mapping[str, int]
    rise: tuple[float, float]
    """How many °C a bearing is too hot at the start and at the end of its fault."""
    loss: float
    """How many bar a leak loses."""
    labelled: bool

    def faulty(self, pump: str) -> NDArray[np.bool_]:
        """Which steps of a pump are part of a fault."""
        steps = np.zeros(self.steps, np.bool_)
        for faults in (self.hot, self.leaking):
            if pump in faults:
                steps[faults[pump] : faults[pump] + FAULT_STEPS] = True
        return steps


# p2's bearing runs hot while its pressure stays; p3 loses pressure at a leak, and heats a little.
RECORDINGS = (
    Recording(
        "pumps.csv",
        seed=7,
        start=datetime(2026, 1, 5, tzinfo=UTC),
        steps=2 * DAY,
        hot={"p2": 400},
        leaking={"p3": 780},
        rise=(8.0, 25.0),
        loss=1.4,
        labelled=False,
    ),
    # Milder faults, so that detectors differ.
    Recording(
        "pumps_labelled.csv",
        seed=8,
        start=datetime(2026, 1, 7, tzinfo=UTC),
        steps=DAY,
        hot={"p4": 120, "p1": 300},
        leaking={"p2": 60, "p3": 400},
        rise=(1.0, 9.0),
        loss=0.4,
        labelled=True,
    ),
)


def readings(of: Recording, pump: str, random: np.random.Generator) -> Readings:
    """Pressure in bar and heat in °C: load by the time of day, noise, and the faults."""
    place = PUMPS.index(pump)
    load = np.sin(2 * np.pi * np.arange(of.steps) / DAY + 0.3 * place)
    pressure = 3.0 + 0.05 * place + 0.1 * load + random.normal(0, 0.05, of.steps)
    heat = 52.0 + 0.5 * place + 1.5 * load + random.normal(0, 0.7, of.steps)
    if pump in of.hot:
        heat[of.hot[pump] : of.hot[pump] + FAULT_STEPS] += np.linspace(*of.rise, FAULT_STEPS)
    if pump in of.leaking:
        leak = slice(of.leaking[pump], of.leaking[pump] + FAULT_STEPS)
        pressure[leak] -= of.loss
        heat[leak] += HEAT_OF_A_BAR * of.loss
    return pressure, heat


def write(of: Recording, folder: Path) -> None:
    random = np.random.default_rng(of.seed)
    by_pump = {pump: readings(of, pump, random) for pump in PUMPS}
    labels = {pump: of.faulty(pump).astype(int) for pump in PUMPS}
    with (folder / of.file).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["time", "pump", "pressure", "heat", *(["label"] if of.labelled else [])])
        for step in range(of.steps):
            moment = (of.start + step * STEP).strftime("%Y-%m-%dT%H:%M:%SZ")
            for pump, (pressure, heat) in by_pump.items():
                label = [labels[pump][step]] if of.labelled else []
                writer.writerow([moment, pump, f"{pressure[step]:.2f}", f"{heat[step]:.1f}", *label])


def main(folder: Path = FOLDER) -> None:
    for recording in RECORDINGS:
        write(recording, folder)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
