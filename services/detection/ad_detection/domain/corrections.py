"""What the findings of a replay make of what was told of the same records: corrections, record by record."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec.structs import replace

from ad_contracts.events import AnomalyDetected
from ad_contracts.ids import correction_id, retraction_id
from ad_detection.domain.replays import NAMES, Configuration, Replay


class Told(NamedTuple):
    """An anomaly as the store has it."""

    event: AnomalyDetected
    superseded_by: str | None = None

    @property
    def counts(self) -> bool:
        """Neither superseded, nor only there to supersede another one."""
        return self.superseded_by is None and not self.event.retracted


@dataclass(slots=True)
class Corrector:
    """Corrects by one configuration of a replay. The same records lead to the same ids, however often."""

    replay: str
    configuration: str
    model_version: str | None
    overridden: bool
    """Whether the configuration says more than a model: what it finds must not go by the ids of the live path."""
    now_ms: int
    episodes: dict[str, str] = field(default_factory=dict)
    """Episodes whose first anomaly has another id than the replay gave it."""

    def corrections(self, told: Sequence[Told], found: AnomalyDetected | None) -> list[AnomalyDetected]:
        """Of one record: what the store has of it, all of it, and what the replay found; nothing when they agree."""
        counting = [each.event for each in told if each.counts]
        if found is None:
            return [self._retraction(event) for event in counting]
        for event in counting:
            if self._says_the_same(event, found):
                self._begin(found, event.episode_id or event.id)
                return [self._retraction(other) for other in counting if other is not event]
        before = counting[0] if counting else None
        others = [self._retraction(event) for event in counting[1:]]
        return [self._correction(told, found, before), *others]

    def _says_the_same(self, event: AnomalyDetected, found: AnomalyDetected) -> bool:
        """By the same judge, and of the same id; or of the same score, if the configuration has ids of its own."""
        if _judge(event) != _judge(found):
            return False
        if event.id == self._own(found.id) or event.score == found.score:
            return True
        return event.id == found.id and not self.overridden

    def _correction(
        self, told: Sequence[Told], found: AnomalyDetected, before: AnomalyDetected | None
    ) -> AnomalyDetected:
        taken = self.overridden or any(each.event.id == found.id for each in told)
        name = self._own(found.id) if taken else found.id
        self._begin(found, name)
        return replace(
            found,
            id=name,
            detected_time_ms=self.now_ms,
            episode_id=self._episode(found.episode_id or found.id),
            supersedes=None if before is None else before.id,
        )

    def _retraction(self, event: AnomalyDetected) -> AnomalyDetected:
        model = None if self.model_version is None else self.model_version.rpartition("@")[0]
        return replace(
            event,
            id=retraction_id(event.id, self.replay, self.configuration),
            detected_time_ms=self.now_ms,
            model=model,
            model_version=self.model_version,
            supersedes=event.id,
            retracted=True,
        )

    def _own(self, name: str) -> str:
        return correction_id(name, self.replay, self.configuration)

    def _begin(self, found: AnomalyDetected, episode: str) -> None:
        """Notes where the rest of an episode belongs, if that does not follow from its id."""
        if found.episode_id == found.id and episode != self._episode(found.id):
            self.episodes[found.id] = episode

    def _episode(self, name: str) -> str:
        return self.episodes.get(name) or (self._own(name) if self.overridden else name)


def unpublishable(replay: Replay, name: str) -> str | None:
    """Why a configuration of a replay that succeeded cannot be published, and what would be right."""
    if replay.request.source != "log":
        return "is of the lake, whose records are not known by their place in the log; replay source 'log'"
    result = replay.result or {}
    own = result.get("configurations", {}).get(name)
    if own is None:
        return f"has no configuration {name!r}; leave it out, or name one of {', '.join(_names(replay))}"
    if own["kept"] < own["alerts"]:
        return (
            f"found {own['alerts']:,} anomalies and kept the first {own['kept']:,} of them; "
            "replay a shorter range, or several"
        )
    spans = result.get("spans")
    if spans is None:
        return "does not say which records it scored; replay the range again"
    cold = [span["partition"] for span in spans if not span["whole"]]
    if own["model_version"] is None and replay.request.warm_from_ms is None and cold:
        partitions = ", ".join(map(str, cold))
        return (
            f"began partition {partitions} knowing nothing, and would retract what was rightly told; replay "
            "the partition from its first record, or give 'warm_from', from when on its records are learnt"
        )
    return None


def corrector_of(replay: Replay, name: str, now_ms: int) -> Corrector:
    """For a configuration that can be published."""
    own = (replay.result or {})["configurations"][name]
    wanted = replay.request.configurations[NAMES.index(name)]
    return Corrector(replay.id, name, own["model_version"], _overridden(wanted), now_ms)


def _overridden(wanted: Configuration) -> bool:
    return wanted != Configuration(model=wanted.model, version=wanted.version)


def _names(replay: Replay) -> list[str]:
    return [repr(name) for name in NAMES[: len(replay.request.configurations)]]


def _judge(event: AnomalyDetected) -> tuple[str, str | None, float]:
    return event.algorithm, event.model_version, event.threshold
