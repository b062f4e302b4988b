"""Makes `data/pumps.csv`: four pumps for two days, with two faults. Made, not measured; the seed is fixed.

python examples/make_pumps.py
"""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TARGET = Path(__file__).with_name("data") / "pumps.csv"
SEED = 7
START = datetime(2026, 1, 5, tzinfo=UTC)
STEP = timedelta(minutes=3)
STEPS = 960
PUMPS = ("p1", "p2", "p3", "p4")
# p2's bearing runs hot while its pressure stays; p3 loses pressure at a leak, and heats a little.
HOT_BEARING = ("p2", slice(400, 420))
LEAK = ("p3", slice(780, 800))

Readings = tuple[NDArray[np.float64], NDArray[np.float64]]


def readings(pump: str, random: np.random.Generator) -> Readings:
    """Pressure in bar and heat in °C: load by the time of day, noise, and the faults."""
    place = PUMPS.index(pump)
    load = np.sin(2 * np.pi * np.arange(STEPS) / 480 + 0.3 * place)
    pressure = 3.0 + 0.05 * place + 0.1 * load + random.normal(0, 0.05, STEPS)
    heat = 52.0 + 0.5 * place + 1.5 * load + random.normal(0, 0.7, STEPS)
    if pump == HOT_BEARING[0]:
        heat[HOT_BEARING[1]] += np.linspace(8, 25, 20)
    if pump == LEAK[0]:
        pressure[LEAK[1]] -= 1.4
        heat[LEAK[1]] += 4.0
    return pressure, heat


def main() -> None:
    random = np.random.default_rng(SEED)
    by_pump = {pump: readings(pump, random) for pump in PUMPS}
    with TARGET.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["time", "pump", "pressure", "heat"])
        for step in range(STEPS):
            moment = (START + step * STEP).strftime("%Y-%m-%dT%H:%M:%SZ")
            for pump, (pressure, heat) in by_pump.items():
                writer.writerow([moment, pump, f"{pressure[step]:.2f}", f"{heat[step]:.1f}"])


if __name__ == "__main__":
    main()
