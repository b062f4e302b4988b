"""A record that was not taken is found, replayed after the rules of its stream changed, and scored."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import pytest

from ad_chassis.eventlog.embedded import EmbeddedLog
from ad_chassis.eventlog.port import Message
from tests.e2e.client import Client, Rows
from tests.e2e.system import System

pytestmark = pytest.mark.timeout(120)
SCHEMA = {
    "fields": [{"name": "sensor", "type": "string"}, {"name": "load"}],
    "entity": "sensor",
    "on_extra": "reject",
}
BAD = {"sensor": "s1", "load": 1.5, "more": 1}


async def publish(system: System, record: dict[str, Any]) -> None:
    """Straight to the topic, as a producer of somebody else's does."""
    headers = [("ce_id", b"e1"), ("ce_source", b"pumps"), ("color", b"red")]
    log = EmbeddedLog(system.folder / "eventlog.sqlite")
    await log.start()
    await log.publish([Message("records.default", json.dumps(record).encode(), b"pumps\x1fs1", headers)])
    await log.stop()


async def rejected(client: Client, count: int) -> Rows:
    async with asyncio.timeout(30):
        while len(items := await client.every("/rejected", "pumps")) < count:
            await asyncio.sleep(0.1)
    return items


async def test_from_rejected_to_scored(system: System, client: Client) -> None:
    body = {"name": "pumps", "schema": SCHEMA, "settings": {"publish_scores": True}}
    await client.call("POST", "/streams", json=body)
    assert (await client.send("pumps", [BAD]))["rejected"] == 1
    await publish(system, BAD)
    by_source = {item["source"]: item for item in await rejected(client, 2)}
    shown = await client.call("GET", f"/rejected/{by_source['detection']['id']}")
    assert json.loads(shown["raw"]) == BAD
    assert {"name": "color", "value": "red", "encoding": "utf-8"} in shown["headers"]
    assert system.command("dead-letters", "replay", "--stream", "pumps", "--dry-run")["failed"] == 2

    await client.call("PATCH", "/streams/pumps", json={"on_extra": "ignore"})
    assert system.command("dead-letters", "replay", "--stream", "pumps", "--dry-run")["replayed"] == 2
    async with asyncio.timeout(30):
        # Until the change has reached the worker, a replay is rejected anew and named in a new dead letter.
        while len(scores := await client.every("/scores", "pumps")) < 2:
            system.command("dead-letters", "replay", "--stream", "pumps")
            await asyncio.sleep(0.2)
    assert "e1/0" in {score["record_id"] for score in scores}
    assert [record["load"] for record in (await client.call("GET", "/streams/pumps/records"))["items"]] == [
        1.5
    ]

    for letter in by_source.values():
        path = f"/rejected/{quote(letter['id'], safe='')}"
        assert (await client.call("GET", path))["state"] == "replayed"
        again = await client.http.post(f"{path}/replay", json={})
        assert (again.status_code, "`force`" in again.text) == (409, True)
    assert len(await client.every("/scores", "pumps")) == 2
    count = len(await rejected(client, 2))
    assert system.command("dead-letters", "purge", "--stream", "pumps", "--yes") == {
        "purged": count,
        "dry_run": False,
    }
    assert await client.every("/rejected", "pumps") == []
    assert system.errors() == []
