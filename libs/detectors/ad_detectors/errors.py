"""Everything that can go wrong in this library.

DetectorError
├── ParameterError      a parameter is unknown, of the wrong type or out of its range: correct the call
├── UnknownDetectorError     the catalogue has no such name: choose one of the listed names
├── DataError           the data cannot be used: shape, type or columns: correct the data
├── NotFittedError           a detector was asked to score before it was fitted: call fit first
└── ArtifactError       an artifact is damaged, unsigned, untrusted or of a newer schema: do not use it
"""


class DetectorError(ValueError):
    """The root of the tree. A ValueError, so that callers of scikit-learn code catch what they expect."""


class ParameterError(DetectorError):
    """A parameter is unknown, of the wrong type or out of its range."""


class UnknownDetectorError(DetectorError):
    """No detector of this name is in the catalogue."""


class DataError(DetectorError):
    """The data cannot be used as it is."""


class NotFittedError(DetectorError):
    """The detector has not been fitted."""


class ArtifactError(DetectorError):
    """The artifact is refused; nothing in it was used."""
