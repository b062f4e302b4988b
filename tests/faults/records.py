"""What the generator sends: readings of a few sensors, the same for the same seed, each with a stamp of its own."""

import zlib
from collections.abc import Iterator

import msgspec
import numpy as np

from ad_data.schema import Field, StreamSchema

STREAM = "readings"
FEATURES = ("load", "heat")
SENSORS = 12
START_MS = 1_767_225_600_000
BLOCK = 1_000
SPIKE = 60.0
SCHEMA = StreamSchema(
    fields=(Field("time", "timestamp"), Field("sensor", "string"), Field("load"), Field("heat")),
    entity="sensor",
    timestamp="time",
)


class Reading(msgspec.Struct, frozen=True):
    """`source` and `sequence` are the stamp; the stream's schema does not know them, so nothing is scored by them."""

    source: str
    sequence: int
    time: int
    sensor: str
    load: float
    heat: float


def readings(seed: int, source: str, anomalous_share: float) -> Iterator[Reading]:
    """Without end; a share of them is far off."""
    rng = np.random.default_rng([seed, zlib.crc32(source.encode())])
    first = 0
    while True:
        values = rng.normal((10.0, 50.0), (1.0, 5.0), size=(BLOCK, 2))
        values[rng.random(BLOCK) < anomalous_share] += SPIKE
        sensors = rng.integers(SENSORS, size=BLOCK).tolist()
        for place, (sensor, (load, heat)) in enumerate(zip(sensors, values.tolist(), strict=True), first):
            yield Reading(source, place, START_MS + place * 1000, f"s{sensor}", load, heat)
        first += BLOCK


def untidy(tidy: Iterator[Reading], seed: int, share: float) -> Iterator[Reading]:
    """A share of them comes twice, and a share comes late, after the next few."""
    rng = np.random.default_rng([seed, 1])
    late: list[Reading] = []
    for reading in tidy:
        if rng.random() < share:
            late.append(reading)
            continue
        yield reading
        if rng.random() < share:
            yield reading
        if len(late) > 3:
            yield from reversed(late)
            late.clear()
