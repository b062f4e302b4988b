"""Whoever changes something in any service stands in the audit log, and the command line checks it."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from tests.e2e.client import Client, until
from tests.e2e.system import System

pytestmark = pytest.mark.timeout(180)


def run(system: System, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "anomaly_detection", *words, "--server", system.url]
    key = {"ANOMALY_DETECTION_API_KEY": system.admin_key()}
    return subprocess.run(command, env=system.environment | key, capture_output=True, text=True, check=False)


async def entries(client: Client, **query: str) -> list[dict]:
    return list((await client.call("GET", "/audit", params=query))["items"])


async def test_a_change_in_another_service_is_in_the_log_with_its_address_and_forging_it_is_found(
    system: System, client: Client, tmp_path: Path
) -> None:
    me = await client.call("GET", "/auth/me")
    forged = {"X-Forwarded-For": "203.0.113.9"}
    client.http.headers.update(forged)
    await client.create_stream("pumps")
    await client.send("pumps", [{"time": 1_767_225_600_000, "sensor": "s", "load": 1.0, "heat": 1.0}])
    assert (await client.http.post("/streams", json={"name": "pumps"})).status_code == 409
    found: list[dict] = []

    async def arrived() -> bool:
        found[:] = await entries(client, subject=me["subject"])
        return {each["outcome"] for each in found if each["service"] == "ingestion"} == {"allowed", "failed"}

    await until(arrived, 30, lambda: f"the log has {found}")
    [created] = [each for each in found if each["outcome"] == "allowed" and each["service"] == "ingestion"]
    assert (created["action"], created["resource"]) == ("post stream", "/api/v1/streams")
    assert created["address"] == "127.0.0.1"

    verified = run(system, "audit", "verify")
    assert (verified.returncode, verified.stdout[:22]) == (0, "the audit log is whole"), verified.stderr
    exported = tmp_path / "audit.ndjson"
    assert run(system, "audit", "export", "--output", str(exported)).returncode == 0
    assert len(exported.read_text().splitlines()) >= json.loads(exported.read_text().splitlines()[-1])["seq"]

    forge(system, created["seq"])
    refused = run(system, "audit", "verify")
    assert refused.returncode == 1
    assert f"entry {created['seq']}: it was changed" in refused.stderr


def forge(system: System, seq: int) -> None:
    """As the administrator of the database."""
    [file] = Path(system.environment["ANOMALY_DETECTION_DATA_DIR"]).rglob("auth.sqlite")
    with sqlite3.connect(file, timeout=15) as connection:
        connection.execute("DROP TRIGGER audit_entries_update")
        connection.execute("UPDATE audit_entries SET subject = 'somebody else' WHERE seq = ?", [seq])
    connection.close()


async def test_who_fails_to_log_in_stands_there_with_the_address_and_without_a_name(
    system: System, client: Client
) -> None:
    async with httpx2.AsyncClient(base_url=f"{system.url}/api/v1", trust_env=False) as http:
        form = {"grant_type": "password", "username": "nobody", "password": "hunter2hunter2"}
        assert (await http.post("/auth/token", data=form)).status_code == 400
    [entry] = await entries(client, action="login", outcome="failed")
    assert (entry["subject"], entry["address"]) == ("unknown", "127.0.0.1")
    assert "hunter2" not in json.dumps(entry)
