"""Bodies of records and streams for tests of ingestion."""

import json
from datetime import UTC, datetime
from typing import Any

from ad_data.schema import Field, StreamSchema
from ad_ingestion.domain.streams import Stream

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SENSORS = StreamSchema(fields=(Field("sensor", "string"), Field("load"), Field("heat")), entity="sensor")


def sensor_stream(**changes: Any) -> Stream:
    return Stream(
        **{
            "tenant": "default",
            "name": "sensors",
            "topic": "records.default",
            "created_at": NOW,
            "changed_at": NOW,
            "schema": SENSORS,
        }
        | changes
    )


def sensor_body(count: int, *, sensors: int = 5, start: int = 0) -> bytes:
    """Records whose load counts up, so that their order can be seen."""
    rows = range(start, start + count)
    return json.dumps([{"sensor": f"s{row % sensors}", "load": row, "heat": 1} for row in rows]).encode()
