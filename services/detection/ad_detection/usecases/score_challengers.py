"""Scores rows by the challengers of their stream, beside what the champion said of them."""

from collections.abc import Mapping
from dataclasses import replace

from ad_detection.domain.comparison import Counted, Counts, Pair, counted, levels_of
from ad_detection.domain.control import Challenger, StreamKey
from ad_detection.domain.judgement import ModelJudgement
from ad_detection.domain.reports import Judged, score_block
from ad_detection.domain.results import Results, ScoreBlock
from ad_detectors.model import Model

Challengers = Mapping[StreamKey, Mapping[Challenger, Model]]


def score_challengers(judged: Judged, challengers: Mapping[Challenger, Model], results: Results) -> None:
    """Scores and counts, never anomalies. One that cannot score is told of, and stops neither champion nor others."""
    rule, champion = judged.rule, judged.judgement
    levels: Counted | None = None
    for challenger, model in challengers.items():
        pair = Pair(*rule.key, rule.model_version or champion.algorithm, challenger.reference)
        try:
            judgement = ModelJudgement(model, judged.columns)
            levels = levels_of(champion) if levels is None else levels
            counts = counted(champion, levels, judgement)
            block = _block(judged, challenger, judgement) if rule.settings.publish_scores else None
        except Exception as error:  # noqa: BLE001 - whatever a model does wrong must not stop the champion
            results.failures[rule.key, challenger] = f"{type(error).__name__}: {error}"
            continue
        results.comparisons.setdefault(pair, Counts()).add(counts)
        results.scores += [] if block is None else [block]


def _block(judged: Judged, challenger: Challenger, judgement: ModelJudgement) -> ScoreBlock:
    rule = replace(judged.rule, model=challenger.model, version=challenger.version)
    return replace(score_block(replace(judged, rule=rule, judgement=judgement)), in_shadow=True)
