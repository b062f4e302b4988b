"""What must have come out: the topic from offset 0 through the same pure code; no log, no worker, no snapshot."""

from ast import literal_eval
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from ad_detection.adapters.outputs import OutputWriter
from ad_detection.domain.control import Challenger, StreamRule
from ad_detection.domain.grouping import Incoming
from ad_detection.domain.results import Results
from ad_detection.domain.state import PartitionState, obey
from ad_detection.usecases.score_batch import score_batch
from ad_detectors.model import Model
from tests.faults.models import SHADOW, SHADOWED, Version, named
from tests.faults.outputs import (
    CODEC,
    Item,
    Told,
    anomaly_item,
    frame_of,
    in_shadow,
    rejected_item,
    score_items,
)

BATCH = 777


class Switch(NamedTuple):
    """From this offset on, a partition is scored by this version; None is the streaming detector."""

    offset: int
    version: Version


def switches_told(scores: Sequence[Item]) -> dict[int, list[Switch]]:
    """Where the version changed, by what the scores of each partition say."""
    versions: dict[int, dict[int, Version]] = defaultdict(dict)
    for item in scores:
        versions[item.lane[0]][item.position[0]] = literal_eval(item.content["model_version"])
    found = {}
    for partition, by_offset in versions.items():
        runs = groupby(sorted(by_offset.items()), key=lambda entry: entry[1])
        found[partition] = [Switch(next(run)[0], version) for version, run in runs]
    return found


def replay(
    rule: StreamRule,
    records: Mapping[int, Sequence[Any]],
    switches: Mapping[int, Sequence[Switch]],
    models: Mapping[str, Model],
) -> Told:
    """Of every partition, what an undisturbed worker tells that switches at these offsets.

    The challenger is there from the start of whatever it shadows; a worker may have got it later.
    """
    told = Told([], [], [], [], [])
    for partition, stored in records.items():
        state = PartitionState()
        for version, part in _parts(stored, switches.get(partition, ())):
            name, number = (None, None) if version is None else named(version)
            obey(state, {rule.key: replace(rule, model=name, version=number)})
            loaded = {} if version is None else {rule.key: models[version]}
            shadowed = version in SHADOWED and SHADOW in models
            shadow = {rule.key: {Challenger(*named(SHADOW)): models[SHADOW]}} if shadowed else {}
            for start in range(0, len(part), BATCH):
                batch = Incoming(rule.tenant, rule.topic, partition, part[start : start + BATCH], 0)
                _tell(told, score_batch(state, loaded, batch, shadow))
    told.stored.extend(item._replace(lane=(item.id,)) for item in told.anomalies)
    return told


def _parts(records: Sequence[Any], switches: Sequence[Switch]) -> list[tuple[Version, Sequence[Any]]]:
    """Records cut where the version changes; before the first score, the first version."""
    bounds = [0, *(switch.offset for switch in switches[1:]), records[-1].offset + 1 if records else 0]
    versions = [switch.version for switch in switches] or [None]
    return [
        (version, [record for record in records if start <= record.offset < stop])
        for version, (start, stop) in zip(versions, pairwise(bounds), strict=True)
    ]


def _tell(told: Told, results: Results) -> None:
    """Through the bytes that go out, because their size has limits."""
    for message in OutputWriter(CODEC).messages(results):
        value = message.value or b""
        if message.topic.startswith("scores."):
            block = frame_of(value)
            (told.shadow if in_shadow(block) else told.scores).extend(score_items(block))
        elif message.topic.startswith("anomalies."):
            told.anomalies.append(anomaly_item(CODEC.decode(value)))
        else:
            told.rejected.append(rejected_item(CODEC.decode(value)))
