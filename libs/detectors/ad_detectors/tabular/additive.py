"""What `hbos`, `ecod` and `copod` share: a score that is a sum of one part per feature."""

from abc import abstractmethod

from ad_detectors.base import Detector
from ad_detectors.matrix import Floats


class AdditiveDetector(Detector):
    """A contribution is the part of a value minus that of the expected value; the expected row is the baseline."""

    @abstractmethod
    def _parts(self, matrix: Floats) -> Floats: ...

    def _contributions(self, matrix: Floats) -> tuple[float, Floats]:
        expected = self._parts(self.bounds[:1])
        return float(expected.sum()), self._parts(matrix) - expected
