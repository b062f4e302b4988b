"""A tenant is exported and erased over the gateway, and its name is looked for everywhere afterwards."""

import json
import zipfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from tests.e2e.client import Client, until
from tests.e2e.system import SERVICE_KEY, System

TENANT = "forgetme"
SHARED_UNTIL_RETENTION = {"audit", "models", "training.events", "training.requests"}
"""Topics that services share; what they say of a tenant goes when their retention ends."""


def rows(count: int) -> list[dict[str, Any]]:
    return [
        {
            "time": f"2026-01-01T00:00:{n % 60:02}Z",
            "sensor": f"s{n % 3}",
            "load": n % 7 + 0.5,
            "heat": 1.0 + n % 5,
        }
        for n in range(count)
    ]


class ErasureSpec(ABC):
    """The one who inherits knows where the name may stand: `places` gives everything that names the tenant."""

    @abstractmethod
    async def places(self, system: System) -> list[str]: ...

    async def test_a_tenant_is_exported_and_erased_and_its_name_is_nowhere_afterwards(
        self, system: System, tmp_path: Path
    ) -> None:
        operator = ("--api-key", SERVICE_KEY)
        key = system.command("tenants", "create", TENANT, *operator)["key"]
        async with Client(system.url, key) as client:
            await self.use(client)
        assert await self.places(system) != []
        archive = tmp_path / "forgetme.zip"
        told = system.command("tenants", "export", TENANT, "--output", str(archive), *operator)
        self.check_export(archive, key, told)
        system.command("tenants", "suspend", TENANT, *operator)
        erased = system.command("tenants", "erase", TENANT, "--confirm", TENANT, *operator)["erased"]
        for what in (
            "auth: tenants",
            "auth: api_keys",
            "ingestion: streams",
            "ingestion: lake/",
            "ingestion: topics",
            "model_registry: model_versions",
            "model_registry: artifacts/",
            "training: training_jobs",
        ):
            assert erased.get(what, 0) > 0, (what, erased)

        places: list[str] = []

        async def gone() -> bool:
            places[:] = await self.places(system)
            return not places

        await until(gone, 30, lambda: f"the name of the tenant is still here: {places}")
        # At the end every process writes what it still has.
        system.stop()
        assert await self.places(system) == []

    async def use(self, client: Client) -> None:
        """Something of every kind: streams, records, scores, models, a deployment, users, a dead letter."""
        await client.create_stream("pumps")
        assert (await client.send("pumps", rows(60)))["accepted"] == 60
        assert (await client.send("pumps", [{"load": "no number"}]))["rejected"] == 1
        await client.scores("pumps", 60)
        model = await client.train("pumps", "forest")
        name, version = model.split("@")
        promotion = {"stream": "pumps", "version": int(version)}
        await client.call("POST", f"/models/{name}/promote", json=promotion)
        user = {"username": "ann", "password": "correct horse battery", "role": "viewer"}
        await client.call("POST", "/users", json=user)

    def check_export(self, archive: Path, key: str, told: dict[str, Any]) -> None:
        with zipfile.ZipFile(archive) as opened:
            names = opened.namelist()
            texts = {name: opened.read(name) for name in names}
        assert {f"{service}.ndjson" for service in ("auth", "ingestion", "training", "detection")} <= set(
            names
        )
        assert any(name.startswith(f"ingestion/lake/{TENANT}/pumps/") for name in names)
        assert any(name.startswith(f"model_registry/artifacts/{TENANT}/forest/") for name in names)
        assert told["objects"] == len(names) - 5
        lines = [json.loads(line) for line in texts["auth.ndjson"].splitlines()]
        assert {line["table"] for line in lines[:-1]} == {"tenants", "users", "api_keys"}
        everything = b"".join(texts.values())
        secret = key.split("_", 3)[3].encode()
        assert secret not in everything
        assert b"argon2" not in everything
        assert b"_hash" not in texts["auth.ndjson"]
