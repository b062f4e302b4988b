"""The whole platform in one process, on the embedded log and a folder: what went in over REST, and what came of it."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import msgspec
import polars as pl

from ad_chassis.eventlog.embedded import EmbeddedLog
from ad_chassis.eventlog.port import EventLog, Record, TopicPartition
from ad_contracts.events import AnomalyDetected, StreamChanged
from ad_contracts.topics import topic
from ad_detection.domain.control import StreamRule
from ad_detection.domain.rules import rule_of
from tests.e2e.system import System
from tests.faults.audit import Audit, Row, compared_items
from tests.faults.outputs import (
    CODEC,
    Item,
    Told,
    anomaly_item,
    frame_of,
    rejected_item,
    score_items,
    stored,
)
from tests.faults.records import SCHEMA, STREAM, readings
from tests.faults.replay import replay

TENANT = "default"
ROWS = 50
RETRY_SECONDS = 0.2
SETTLE_SECONDS = 60.0
GROUP = "detection"
SETTINGS = {"publish_scores": True, "alert_probability": 0.03}


class EmbeddedRig:
    def __init__(self, system: System, database: str) -> None:
        """`database` is the address of PostgreSQL, or nothing where each service has a file."""
        self.system = system
        self._database = database
        self.refusals: list[str] = []
        self.acknowledged: list[int] = []
        self._readings = readings(1, "rest", 0.01)
        self._http = httpx2.AsyncClient(
            base_url=f"{system.url}/api/v1",
            headers={"Authorization": f"Bearer {system.admin_key()}"},
            timeout=30,
        )

    async def open(self) -> None:
        schema = json.loads(SCHEMA.to_json())
        body = {"name": STREAM, "schema": schema, "settings": SETTINGS}
        answer = await self._http.post("/streams", json=body)
        assert answer.status_code == 201, answer.text

    async def close(self) -> None:
        await self._http.aclose()

    async def send(self, batches: int) -> None:
        """As a good client: with a key, again until it is accepted."""
        for _ in range(batches):
            rows = [self._row(reading) for reading in islice(self._readings, ROWS)]
            headers = {"Idempotency-Key": uuid4().hex}
            async with asyncio.timeout(SETTLE_SECONDS):
                while not await self._accepted(rows, headers):
                    await asyncio.sleep(RETRY_SECONDS)
            self.acknowledged += [row["time"] for row in rows]

    @staticmethod
    def _row(reading: Any) -> dict[str, Any]:
        """No two are of the same time, so that is the stamp."""
        return {name: getattr(reading, name) for name in ("time", "sensor", "load", "heat")}

    async def _accepted(self, rows: list[dict[str, Any]], headers: dict[str, str]) -> bool:
        answer = await self._http.post(f"/streams/{STREAM}/records", json=rows, headers=headers)
        if answer.is_success:
            return True
        assert answer.status_code >= 500, answer.text
        self.refusals.append(f"{answer.status_code} {answer.text}")
        return False

    async def until_unwell(self) -> str:
        """What its health says once it says that it is not well."""
        async with asyncio.timeout(SETTLE_SECONDS):
            while (found := (await self._http.get(f"{self.system.url}/health")).json())[
                "status"
            ] == "healthy":
                await asyncio.sleep(0.1)
        return str(found["checks"])

    def lake(self) -> Iterator[pl.DataFrame]:
        """Every file that lies there, whether or not it counts."""
        for path in (self.system.folder / "objects" / "lake").rglob("*.parquet"):
            yield pl.read_parquet(path)

    async def audit(self) -> Audit:
        log = EmbeddedLog(self.system.folder / "eventlog.sqlite")
        await log.start()
        try:
            await self._settle(log)
            return await self._compare(log)
        finally:
            await log.stop()

    async def _settle(self, log: EventLog) -> None:
        """Until all is scored and stored, or the time for it is over: what is missing then is missing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                await self._done(log)

    async def _done(self, log: EventLog) -> None:
        for group, name in ((GROUP, "records"), (f"{GROUP}-store", "anomalies")):
            while await self._waiting(log, group, topic(name, TENANT)):
                await asyncio.sleep(0.1)

    async def _waiting(self, log: EventLog, group: str, name: str) -> int:
        ask = (
            "SELECT coalesce(sum(offset), 0) FROM committed JOIN partitions ON partition_id = id"
            " WHERE group_name = ? AND topic = ?"
        )
        with closing(sqlite3.connect(self.system.folder / "eventlog.sqlite", timeout=30)) as db:
            (done,) = db.execute(ask, (group, name)).fetchone()
        return sum((await log.end_offsets(name)).values()) - int(done)

    async def _compare(self, log: EventLog) -> Audit:
        records = await _read(log, topic("records", TENANT))
        expected = replay(await _rule(log), records, {}, {})
        found = await self._told(log)
        pairs = zip(Told._fields, expected, found, strict=True)
        frames = [frame_of(record.value or b"") for part in records.values() for record in part]
        served = await self._http.get(f"/streams/{STREAM}/records", params={"format": "arrow"})
        assert served.is_success, served.text
        compared = (compared_items(name, wanted, told) for name, wanted, told in pairs)
        return Audit(
            (self._times("topic", frames), self._times("lake", [frame_of(served.content)]), *compared)
        )

    def _times(self, name: str, frames: list[pl.DataFrame]) -> Row:
        """Each record that was acknowledged once, and no other."""
        there = [int(time) for frame in frames for time in frame["time"].cast(pl.Int64)]
        return compared_items(name, list(map(_stamp, self.acknowledged)), list(map(_stamp, there)))

    async def _told(self, log: EventLog) -> Told:
        scores, anomalies, rejected = [
            [
                record.value or b""
                for part in (await _read(log, topic(name, TENANT))).values()
                for record in part
            ]
            for name in ("scores", "anomalies", "rejected")
        ]
        return Told(
            scores=[item for value in scores for item in score_items(frame_of(value))],
            shadow=[],
            anomalies=[anomaly_item(CODEC.decode(value)) for value in anomalies],
            rejected=[rejected_item(CODEC.decode(value)) for value in rejected],
            stored=await self._stored(),
        )

    async def _stored(self) -> list[Item]:
        if self._database:
            return await stored(self._database, TENANT)
        return list(_stored_in(self.system.folder / "databases" / "detection.sqlite"))


def _stamp(time: int) -> Item:
    return Item(str(time), (time,), (0, 0), {})


def _stored_in(path: Path) -> Iterator[Item]:
    with closing(sqlite3.connect(path, timeout=30)) as db:
        for (event,) in db.execute("SELECT event FROM anomalies"):
            item = anomaly_item(msgspec.convert(json.loads(event), AnomalyDetected))
            yield item._replace(lane=(item.id,))


async def _rule(log: EventLog) -> StreamRule:
    events = [
        CODEC.decode(r.value or b"") for part in (await _read(log, topic("streams"))).values() for r in part
    ]
    newest = events[-1]
    assert isinstance(newest, StreamChanged)
    return rule_of(newest)


async def _read(log: EventLog, name: str) -> dict[int, list[Record]]:
    return {
        partition: [
            record
            async for batch in log.read(TopicPartition(name, partition), 0, end)
            for record in batch.records
        ]
        for partition, end in (await log.end_offsets(name)).items()
    }
