"""Which challengers of a partition's streams score: those that are there, fit, and did not fail."""

from dataclasses import replace

import structlog

from ad_detection.domain.control import Challenger, Rules, StreamKey, StreamRule
from ad_detection.ports import ChallengerSource
from ad_detectors.model import Model

log = structlog.get_logger(__name__)
Attempt = tuple[StreamKey, int, int, Challenger]
"""A challenger on a stream at one revision of the stream and one of its deployment."""


class PartitionChallengers:
    """Nothing waits for a challenger: until it is there, and where it must not be used, it is left out."""

    def __init__(self, source: ChallengerSource) -> None:
        self._source = source
        self.models: dict[StreamKey, dict[Challenger, Model]] = {}
        self._awaited: set[tuple[StreamKey, Challenger]] = set()
        self._refused: set[Attempt] = set()
        self._failed = False

    @property
    def changed(self) -> bool:
        """Whether others could score than those that do: one has come, or one has failed."""
        return self._failed or any(
            self._source.get(tenant, challenger) is not None for (tenant, _), challenger in self._awaited
        )

    def chosen(self, rules: Rules) -> Rules:
        """The rules with those of their challengers that score from now on."""
        before, self.models, self._awaited, self._failed = self.models, {}, set(), False
        return {
            key: self._usable(rule, before.get(key, {})) if rule.challengers else rule
            for key, rule in rules.items()
        }

    def take_out(self, rule: StreamRule, challenger: Challenger, reason: str) -> None:
        """It comes back when the stream or its deployment changes."""
        self._refused.add(_attempt(rule, challenger))
        self._failed = True
        log.error("challenger failed", stream=rule.stream, model=challenger.reference, reason=reason)

    def _usable(self, rule: StreamRule, before: dict[Challenger, Model]) -> StreamRule:
        found: dict[Challenger, Model] = {}
        for challenger in rule.challengers:
            if _attempt(rule, challenger) in self._refused:
                continue
            model = before.get(challenger) or self._source.get(rule.tenant, challenger)
            if model is None:
                self._awaited.add((rule.key, challenger))
            elif self._fits(rule, challenger, model):
                found[challenger] = model
        if found:
            self.models[rule.key] = found
        return replace(rule, challengers=tuple(found))

    def _fits(self, rule: StreamRule, challenger: Challenger, model: Model) -> bool:
        missing = [name for name in model.feature_names if name not in rule.schema.features]
        if missing:
            self._refused.add(_attempt(rule, challenger))
            needed, reference = ", ".join(missing), challenger.reference
            log.error("challenger left out", stream=rule.stream, model=reference, reason=f"it needs {needed}")
        return not missing


def _attempt(rule: StreamRule, challenger: Challenger) -> Attempt:
    return rule.key, rule.revision, rule.deployment_revision, challenger
