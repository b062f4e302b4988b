"""The labelled series under `data/`."""

import csv
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

DATA = Path(__file__).with_name("data")
SERIES = ("ambient_temperature", "nyc_taxi", "ec2_request_latency")


@dataclass(frozen=True)
class Window:
    start: datetime
    end: datetime

    def holds(self, moment: str) -> bool:
        return self.start <= datetime.fromisoformat(moment) <= self.end


@dataclass(frozen=True)
class Series:
    name: str
    rows: list[dict[str, object]]
    windows: list[Window]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def load(name: str) -> Series:
    with (DATA / f"{name}.csv").open(newline="") as file:
        rows: list[dict[str, object]] = [
            {"timestamp": utc(row["timestamp"]).isoformat(), "value": float(row["value"])}
            for row in csv.DictReader(file)
        ]
    windows = json.loads((DATA / "labels.json").read_text())[name]
    return Series(name, rows, [Window(utc(start), utc(end)) for start, end in windows])
