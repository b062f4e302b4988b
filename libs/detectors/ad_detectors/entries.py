"""What the catalogue lists: name, class and one line of each detector."""

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from ad_detectors.parameters import ParameterDoc

if TYPE_CHECKING:
    from ad_detectors.base import FittedDetector, StreamingDetector
    from ad_detectors.drift.base import DriftDetector
    from ad_detectors.graph.base import GraphDetector

    AnyDetector = FittedDetector | StreamingDetector | DriftDetector | GraphDetector

Kind = Literal["batch", "series", "streaming", "drift", "graph"]


@dataclass(frozen=True)
class Entry:
    """One detector of the catalogue.

    Attributes
    ----------
    kind : {"batch", "series", "streaming", "drift", "graph"}
        Fitted once and scoring rows each for itself; fitted once and scoring points in order of time;
        learning from each record of an entity as it scores it; telling which features changed; or scoring who
        talks to whom.
    """

    name: str
    kind: Kind
    summary: str
    module: str
    class_name: str

    @property
    def detector_type(self) -> "type[AnyDetector]":
        """The class; imported now, if it was not before."""
        found = getattr(importlib.import_module(self.module), self.class_name)
        return cast("type[AnyDetector]", found)

    @property
    def parameters(self) -> tuple[ParameterDoc, ...]:
        """Name, type, default, range and meaning of each parameter."""
        return self.detector_type.parameters_type.describe()


BATCH = {
    "isolation_forest": (
        "tabular.isolation_forest.IsolationForest",
        "few random splits isolate an anomaly; the all-round choice for tables",
    ),
    "auto": (
        "ensemble.auto.Auto",
        "looks at the data and combines forests, neighbours and trees; the most accurate choice for tables",
    ),
    "ensemble": (
        "ensemble.ensemble.Ensemble",
        "several detectors as one, made comparable first; average, maximum, rank or weighted",
    ),
    "zscore": (
        "tabular.zscore.ZScore",
        "distance from the mean in standard deviations; for bell-shaped features",
    ),
    "iqr": (
        "tabular.iqr.IQR",
        "distance from the middle half in interquartile ranges; not misled by outliers in training",
    ),
    "mad": (
        "tabular.mad.MAD",
        "distance from the median in median absolute deviations; the z-score for polluted training data",
    ),
    "hbos": (
        "tabular.hbos.HBOS",
        "rare values by histograms, feature by feature; fast, for many features that tell each for itself",
    ),
    "ecod": (
        "tabular.ecod.ECOD",
        "values far in the tails of the training values; nothing to choose, for anomalies at the ends",
    ),
    "copod": ("tabular.copod.COPOD", "as ecod, in the tail to which a feature is skewed; nothing to choose"),
    "pca": (
        "tabular.pca.PCA",
        "distance from the principal components, those of least variance first; for correlated features",
    ),
    "mcd": (
        "tabular.mcd.MCD",
        "Mahalanobis distance from a robust centre; for one elliptical cloud and polluted training data",
    ),
    "loda": ("tabular.loda.LODA", "rare places on many random lines; light and fast, for many features"),
    "gmm": (
        "tabular.gmm.GaussianMixture",
        "low density of a mixture of normal distributions; for a few elliptical clouds",
    ),
    "knn": (
        "tabular.knn.KNN",
        "distance to the nearest training rows; for anomalies far from everything, whatever the shape",
    ),
    "lof": (
        "tabular.lof.LOF",
        "thinner surroundings than the neighbours have; for clusters of different density",
    ),
    "inne": (
        "tabular.inne.INNE",
        "outside of hyperspheres around a few rows; local like lof, fast like isolation_forest",
    ),
    "ocsvm": (
        "tabular.ocsvm.OCSVM",
        "outside of a smooth boundary around the training rows; for compact regions of curved shape",
    ),
    "autoencoder": (
        "tabular.autoencoder.Autoencoder",
        "what a small network cannot reproduce; for many features that hang together on curves",
    ),
}
SERIES = {
    "series_auto": (
        "series.series_auto.SeriesAuto",
        "states never seen that were not announced either; the all-round choice for series of many channels",
    ),
    "matrix_profile": (
        "series.matrix_profile.MatrixProfile",
        "windows unlike all windows of the training series; for shapes and for many channels",
    ),
    "forecast_residual": (
        "series.forecast_residual.ForecastResidual",
        "points that the ones before did not announce; for sudden changes",
    ),
    "subsequence_pca": (
        "series.subsequence_pca.SubsequencePCA",
        "windows outside of the directions in which windows vary; for related channels, fast to score",
    ),
    "seasonal_residual": (
        "series.seasonal_residual.SeasonalResidual",
        "what trend and season do not explain; for one channel with a daily or weekly course",
    ),
    "spectral_residual": (
        "series.spectral_residual.SpectralResidual",
        "what stands out of a spectrum; nothing to train, for spikes and dips",
    ),
}
STREAMING = {
    "adaptive": (
        "streaming.adaptive.Adaptive",
        "novelty against the entity's own history; needs no training, few and early alerts",
    ),
    "ewma": (
        "streaming.ewma.EWMA",
        "distance from a moving mean in moving standard deviations; for a level that drifts slowly",
    ),
    "half_space_trees": (
        "streaming.half_space_trees.HalfSpaceTrees",
        "rows in sparse cells of random halvings of the last window; fast, for several features",
    ),
    "random_cut_forest": (
        "streaming.random_cut_forest.RandomCutForest",
        "points that random cuts part early from a sample, with their shape in time; for few, important entities",
    ),
    "mahalanobis": (
        "streaming.mahalanobis.Mahalanobis",
        "distance in the directions in which features vary together; for several related features",
    ),
    "seasonal": (
        "streaming.seasonal.Seasonal",
        "distance from what is usual at this hour of the day or week, or in a detected period",
    ),
    "robust_zscore": (
        "streaming.robust_zscore.RobustZScore",
        "distance from the median of the last values in median deviations; not misled by bursts",
    ),
    "nearest_neighbor": (
        "streaming.nearest_neighbor.NearestNeighbor",
        "distance from the nearest row seen before; for several features and normal clusters of any shape",
    ),
}
DRIFT = {
    "adwin": (
        "drift.adwin.ADWIN",
        "a window that is cut where the mean changed; for slow and sudden changes of a stream",
    ),
    "kswin": (
        "drift.kswin.KSWIN",
        "recent against older values of a sliding window; for sudden changes of any kind",
    ),
    "page_hinkley": (
        "drift.page_hinkley.PageHinkley",
        "sum of deviations from the mean; the fastest to see that a mean changed",
    ),
    "psi": ("drift.psi.PSI", "population stability index of a window against a reference, bin by bin"),
    "ks": ("drift.ks.KS", "Kolmogorov-Smirnov test of a window against a reference"),
}
GRAPH = {
    "edge_stream": (
        "graph.edge_stream.EdgeStream",
        "bursts and scans among who talks to whom; constant memory however many nodes there are",
    ),
}
KINDS: dict[Kind, dict[str, tuple[str, str]]] = {
    "batch": BATCH,
    "series": SERIES,
    "streaming": STREAMING,
    "drift": DRIFT,
    "graph": GRAPH,
}


def _entry(name: str, kind: Kind, path: str, summary: str) -> Entry:
    module, _, class_name = path.rpartition(".")
    return Entry(name, kind, summary, f"ad_detectors.{module}", class_name)


ENTRIES = {
    name: _entry(name, kind, path, summary)
    for kind, detectors in KINDS.items()
    for name, (path, summary) in detectors.items()
}
