"""A registry on a real SQLite file and a real embedded log."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ad_chassis.errors import NotFound
from ad_chassis.eventlog.port import TopicPartition
from ad_chassis.platform import Platform
from ad_contracts.events import Event
from ad_detectors.artifact import save_bytes
from ad_detectors.artifact.keyring import KeyRing
from ad_detectors.model import Model


def artifact(platform_keys: Path, seed: int = 0, features: tuple[str, ...] = ("load", "heat")) -> bytes:
    """A signed model of the platform whose keys lie there."""
    rows = np.random.default_rng(seed).normal(size=(200, len(features)))
    return save_bytes(Model.train("zscore", rows, list(features)), KeyRing(platform_keys).signing())


async def published(platform: Platform, topic: str) -> list[Event]:
    """Everything that stands on the only partition of a control topic."""
    ends = await platform.event_log.end_offsets(topic)
    found: list[Event] = []
    for partition, end in ends.items():
        async for batch in platform.event_log.read(TopicPartition(topic, partition), 0, end):
            found += [platform.codec.decode(record.value or b"") for record in batch.records]
    return found


@dataclass
class Streams:
    """Streams and their numeric fields, as the ingestion service would tell."""

    known: dict[str, frozenset[str] | None]

    async def features(self, tenant: str, stream: str) -> frozenset[str] | None:
        if stream not in self.known:
            raise NotFound(f"there is no stream {stream!r}")
        return self.known[stream]
