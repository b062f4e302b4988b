"""Bodies and answers of detection."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from ad_chassis.http import Body
from ad_detection.usecases.detect_rows import MAX_ROWS, Detected

MODEL_VERSION = r"^[a-z][a-z0-9_-]{0,62}@[1-9][0-9]{0,9}$"


READINGS: list[JsonValue] = [
    {"pressure": 3.1, "heat": 52},
    {"pressure": 3.0, "heat": 53},
    {"pressure": 2.9, "heat": 52},
    {"pressure": 1.4, "heat": 56},
]
EXAMPLES: list[JsonValue] = [
    {"data": READINGS, "algorithm": "mad", "contamination": 0.25},
    {"data": READINGS[-1:], "model": "pumps@3"},
]


class DetectRequest(Body):
    """Either an `algorithm`, fitted on the rows, or a `model` of the registry as `name@version`."""

    model_config = ConfigDict(json_schema_extra={"examples": EXAMPLES})

    data: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=MAX_ROWS)]
    algorithm: str | None = None
    model: Annotated[str, Field(pattern=MODEL_VERSION, examples=["pumps@3"])] | None = None
    contamination: (
        Annotated[float, Field(ge=0.01, le=0.5, description="The share of rows to label; 0.05 unless given.")]
        | None
    ) = None
    parameters: Annotated[dict[str, Any], Field(default_factory=dict)]
    explain: bool = True

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.model is not None and (self.algorithm or self.contamination is not None or self.parameters):
            raise ValueError(
                "a model brings its algorithm, parameters and threshold with it; give only `model`"
            )
        return self


class RowResult(BaseModel):
    row: int
    score: float
    probability: float
    label: int
    contributions: dict[str, float] | None = None
    expected: dict[str, float] | None = None


class DetectAnswer(BaseModel):
    algorithm: str
    model: str | None
    rows: int
    anomalies: int
    threshold: float
    results: list[RowResult]

    @classmethod
    def of(cls, detected: Detected, *, explain: bool) -> Self:
        """Contributions and expected values are given for the anomalies alone."""
        scored = detected.scored
        results = [
            RowResult(row=row, score=score, probability=probability, label=label)
            for row, (score, probability, label) in enumerate(
                zip(
                    scored.score.tolist(),
                    scored.probability.tolist(),
                    scored.label.astype(int).tolist(),
                    strict=True,
                )
            )
        ]
        if explain:
            for row, fields in _explanations(detected):
                results[row] = results[row].model_copy(update=fields)
        return cls(
            algorithm=detected.algorithm,
            model=detected.model_version,
            rows=len(results),
            anomalies=int(scored.label.sum()),
            threshold=scored.threshold,
            results=results,
        )


class AnomaliesPage(BaseModel):
    items: list[dict[str, Any]]
    next_cursor: str | None


class ScoreAnswer(BaseModel):
    record_id: str
    entity: str | None
    time: datetime
    score: float
    probability: float
    label: bool
    late: bool = False
    algorithm: str
    model_version: str | None


class ScoresPage(BaseModel):
    items: list[ScoreAnswer]
    next_cursor: str | None


class ParameterAnswer(BaseModel):
    name: str
    type: str
    default: Any
    valid: str
    doc: str


class DetectorAnswer(BaseModel):
    name: str
    kind: str
    summary: str
    parameters: list[ParameterAnswer]


def _explanations(detected: Detected) -> Iterator[tuple[int, dict[str, dict[str, float]]]]:
    flagged = np.flatnonzero(detected.scored.label)
    if not len(flagged):
        return
    why = detected.scored.explain(flagged)
    names = detected.names
    for place, row in enumerate(flagged.tolist()):
        yield (
            row,
            {
                "contributions": dict(zip(names, why.contributions[place].tolist(), strict=True)),
                "expected": dict(zip(names, why.expected[place].tolist(), strict=True)),
            },
        )
