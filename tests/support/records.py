"""Streams and stored records for tests of scoring."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ad_data.schema import Field, StreamSchema
from ad_detection.domain.control import StreamRule, StreamSettings

TENANT = "default"
TOPIC = "records.default"
SENSORS = StreamSchema(fields=(Field("sensor", "string"), Field("load"), Field("heat")), entity="sensor")


@dataclass(frozen=True)
class Stored:
    """A record as the log gives it back."""

    offset: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    timestamp: int = 1_700_000_000_000
    key: bytes | None = None


def stored(offset: int, body: Any, stream: str = "sensors") -> Stored:
    value = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Stored(offset, value, (("ce_source", stream.encode()), ("content-type", b"application/json")))


def sensor_records(
    count: int, *, seed: int = 0, sensors: int = 3, spikes: Sequence[int] = ()
) -> list[Stored]:
    """Records of a few sensors that behave, but for a jump at each of the given places."""
    rng = np.random.default_rng(seed)
    values = rng.normal((10.0, 50.0), (1.0, 5.0), size=(count, 2))
    values[list(spikes)] += 100.0
    return [
        stored(row, {"sensor": f"s{row % sensors}", "load": load, "heat": heat})
        for row, (load, heat) in enumerate(values.tolist())
    ]


def sensor_rule(**changes: Any) -> StreamRule:
    settings = StreamSettings(publish_scores=True)
    return StreamRule(
        **{
            "tenant": TENANT,
            "stream": "sensors",
            "topic": TOPIC,
            "schema": SENSORS,
            "settings": settings,
            **changes,
        }
    )
