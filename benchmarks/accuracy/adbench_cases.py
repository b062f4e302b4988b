"""Which detectors run on ADBench, with which parameters, beside which column of the published table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ad_detectors import catalog
from ad_detectors.matrix import Floats


@dataclass(frozen=True)
class Case:
    """A row of the result.

    Attributes
    ----------
    column : str
        The published column of the same algorithm; empty where there is none.
    reference : float, optional
        A mean AUROC that takes the place of the published one.
    within : float, optional
        How far the mean AUROC may be from the reference.
    by_features : callable, optional
        From the number of features to further parameters.
    """

    label: str
    algorithm: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    column: str = ""
    reference: float | None = None
    within: float | None = None
    by_features: Callable[[int], Mapping[str, Any]] | None = None

    def fit_and_score(self, train: Floats, test: Floats, seed: int) -> Floats:
        """Fit to the training rows; the scores of the others."""
        seeded = any(doc.name == "seed" for doc in catalog.get(self.algorithm).parameters)
        given: dict[str, Any] = {"seed": seed} if seeded else {}
        if self.by_features is not None:
            given |= self.by_features(train.shape[1])
        return catalog.create(self.algorithm, **given, **self.parameters).fit(train).score(test)


EXACT, RANDOM = 0.005, 0.01

# The published table measured distances between the scaled rows as they are; ours by default in normal ranges.
AS_PUBLISHED = (
    Case("isolation_forest", "isolation_forest", {}, "IForest", within=RANDOM),
    Case("hbos", "hbos", {}, "HBOS", within=EXACT),
    Case("copod", "copod", {}, "COPOD", within=EXACT),
    # What PyOD calls ECOD changed after the table was made; it has this mean today.
    Case("ecod", "ecod", {}, "ECOD", reference=0.7392, within=EXACT),
    Case("pca", "pca", {}, "PCA", within=EXACT),
    Case("knn, unscaled", "knn", {"scale": False}, "KNN", within=EXACT),
    Case("lof, unscaled", "lof", {"scale": False}, "LOF", within=EXACT),
    Case(
        "ocsvm, unscaled",
        "ocsvm",
        {"scale": False, "reference": 20_000},
        "OCSVM",
        within=EXACT,
        by_features=lambda features: {"gamma": 1.0 / features},
    ),
    Case("loda", "loda", {}, "LODA"),
)


def cases() -> tuple[Case, ...]:
    """`auto` and the ensembles, every other batch detector by default, and the published ones as published."""
    combined = [Case("auto", "auto"), Case("ensemble", "ensemble")]
    combined += [
        Case(f"ensemble, {way}", "ensemble", {"combine": way}) for way in ("maximum", "rank", "weighted")
    ]
    done = {case.algorithm for case in (*combined, *AS_PUBLISHED) if not case.parameters}
    others = [Case(name, name) for name in catalog.names("batch") if name not in done]
    return (*combined, *AS_PUBLISHED, *others)
