"""Streaming detectors inside a program: no training, no server, one state for any number of entities."""

import os
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ad_detectors import catalog
from ad_detectors.base import State, StreamingScores
from ad_detectors.errors import DataError
from ad_detectors.matrix import Floats
from anomaly_detection.inputs import Fitted, Table, as_points, times_of
from anomaly_detection.kinds import check_kind
from anomaly_detection.times import as_milliseconds

if TYPE_CHECKING:
    import polars
    from matplotlib.figure import Figure

Key = str | int
FIRST_CAPACITY = 16


@dataclass(frozen=True)
class StreamResult(StreamingScores):
    """What a `StreamDetector` says of n records with d features; see `StreamingScores` for the rest.

    Attributes
    ----------
    entity : list of n keys
        The entity of each record.
    time_ms : int64 of shape (n,), or None
        Event times, when they were given.
    values : float64 of shape (n, d)
        The records, with the features in the order of `names`.
    names : tuple of d names
        The features.
    algorithm : str
    threshold : float
        The score from which a record can be an alert.
    """

    entity: list[Key | None]
    time_ms: NDArray[np.int64] | None
    values: Floats
    names: tuple[str, ...]
    algorithm: str
    threshold: float

    def of(self, entity: Key | None) -> "StreamResult":
        """The records of one entity."""
        chosen = np.array([key == entity for key in self.entity], np.bool_)
        if not chosen.any():
            known = ", ".join(repr(key) for key in dict.fromkeys(self.entity))
            raise DataError(f"entity {entity!r} has no record in this result; valid are {known}")
        parts: dict[str, Any] = {
            name: part[chosen] for name, part in vars(self).items() if isinstance(part, np.ndarray)
        }
        return replace(self, entity=[entity] * int(chosen.sum()), **parts)

    def to_frame(self) -> "polars.DataFrame":
        """One line for each record: whose, when, what, the score, and per feature what was expected."""
        import polars

        columns: dict[str, Any] = {"entity": [None if key is None else str(key) for key in self.entity]}
        if self.time_ms is not None:
            columns["time"] = self.time_ms.astype("datetime64[ms]")
        for name in ("score", "probability", "anomaly", "cold"):
            columns[name] = getattr(self, name)
        for place, name in enumerate(self.names):
            columns[name] = self.values[:, place]
            for word in ("expected", "lower", "upper", "contributions"):
                columns[f"{name}_{word}"] = getattr(self, word)[:, place]
        return polars.DataFrame(columns)

    def plot(
        self, feature: str | Sequence[str] | None = None, path: str | os.PathLike[str] | None = None
    ) -> "Figure":
        """Draw scores and features of one entity, with bounds and alerts; see `AnomalyDetector.plot`.

        All of it is causal: score, expected value and bounds come from the records before each.
        """
        from anomaly_detection.charts import of_stream
        from anomaly_detection.plotting import draw

        time = None if self.time_ms is None else self.time_ms.astype("datetime64[ms]")
        return draw(of_stream(self, feature), time, path)


class StreamDetector:
    """Scores records as they come, each by what its entity showed before.

    Takes what `AnomalyDetector` takes, and single numbers and mappings of names to numbers for one record. The
    state grows with the number of entities, not with that of records. Any split of a stream into calls gives
    bit-equal scores.

    Parameters
    ----------
    algorithm : str, default "adaptive"
        A streaming detector of the catalogue; `anomaly_detection algorithms --kind streaming` lists them.
    **parameters
        Parameters of the algorithm, such as alert_probability=0.001.

    Raises
    ------
    UnknownDetectorError, ParameterError
        The algorithm or a parameter is not valid; the message says what is.
    DataError
        The data is not numeric, or does not have the features of the first records.

    Examples
    --------
    >>> import numpy as np
    >>> from anomaly_detection import StreamDetector
    >>> detector = StreamDetector("adaptive")
    >>> usual = np.random.default_rng(0).normal(20.0, 1.0, size=(200, 1))
    >>> _ = detector.update(usual, entity="pump 1")
    >>> detector.update(35.0, entity="pump 1").anomaly.tolist()
    [True]
    >>> detector.update(35.0, entity="pump 2").cold.tolist()
    [True]
    >>> again = StreamDetector.from_bytes(detector.to_bytes())
    >>> again.entities
    ['pump 1', 'pump 2']
    """

    def __init__(self, algorithm: str = "adaptive", **parameters: Any) -> None:
        check_kind(algorithm, ("streaming",))
        self._detector = catalog.create_streaming(algorithm, **parameters)
        self._slots: dict[Key | None, int] = {}
        self._names: tuple[str, ...] = ()
        self._state: State = {}
        self._rows = 0

    @property
    def algorithm(self) -> str:
        """The name in the catalogue."""
        return self._detector.name

    @property
    def entities(self) -> list[Key | None]:
        """The entities that are known, in the order in which they came."""
        return list(self._slots)

    @property
    def threshold(self) -> float:
        """The score from which a record can be an alert."""
        return self._detector.threshold

    def update(self, values: ArrayLike, entity: Any = None, time: Any = None) -> StreamResult:
        """Score records in their order and learn from them.

        Parameters
        ----------
        values : array_like of shape (n, d) or (n,), number, or mapping
            The records; NaN means missing. One dimension is n records of one feature.
        entity : str or int, or a sequence of n of them, optional
            Whose records these are; without it there is one stream.
        time : datetime, or sequence of n datetimes, ISO texts or milliseconds since the epoch, optional
            Event times, for detectors that know hours and days; by default the DatetimeIndex of a pandas frame
            or series. Without either the records are numbered.
        """
        table = _records(values, self._fitted)
        rows = len(table.features)
        keys = _keys(entity, rows)
        given = times_of(values) if time is None else time
        told = None if given is None else as_milliseconds(given, rows)
        moments = np.arange(self._rows, self._rows + rows, dtype=np.int64) if told is None else told
        matrix = self._in_order(table)
        slots = self._slots_of(keys)
        scores = self._detector.update(self._state, slots, matrix, moments)
        self._rows += rows
        parts = {field.name: getattr(scores, field.name) for field in fields(StreamingScores)}
        return StreamResult(
            **parts,
            entity=keys,
            time_ms=told,
            values=matrix,
            names=self._names,
            algorithm=self.algorithm,
            threshold=self.threshold,
        )

    def forget(self, entity: Key | None = None) -> None:
        """Make an entity new again, as if it had never been seen."""
        if entity in self._slots:
            self._detector.forget(self._state, np.array([self._slots[entity]], np.int64))

    def to_bytes(self) -> bytes:
        """Everything that was learnt, as a zip of plain arrays; it holds no pickle."""
        from anomaly_detection.snapshot import Snapshot, pack_snapshot

        parameters = self._detector.parameters.as_dict()
        return pack_snapshot(
            Snapshot(self.algorithm, parameters, self._names, self.entities, self._rows, self._state)
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> "StreamDetector":
        """A detector that goes on where another's `to_bytes` ended, with bit-equal scores.

        Only for bytes that you kept yourself: their form is checked, but they are not signed, as a model is.

        Raises
        ------
        ArtifactError
            The bytes are damaged, or a pickle.
        """
        from anomaly_detection.snapshot import unpack_snapshot

        found = unpack_snapshot(data)
        detector = cls(found.algorithm, **found.parameters)
        detector._names, detector._state, detector._rows = found.names, found.state, found.rows
        detector._slots = {key: slot for slot, key in enumerate(found.entities)}
        return detector

    def __repr__(self) -> str:
        return f"StreamDetector({self.algorithm!r}, entities={len(self._slots)}, records={self._rows})"

    def _in_order(self, table: Table) -> Floats:
        """The features in the order of the first records, which also say how many there are."""
        width = table.features.shape[1]
        if not self._names:
            self._state = self._detector.new_state(FIRST_CAPACITY, width)
            self._names = table.names or tuple(f"f{place}" for place in range(width))
        return self._fitted.matched(table)

    @property
    def _fitted(self) -> Fitted:
        return Fitted(self._names, "StreamDetector")

    def _slots_of(self, keys: list[Key | None]) -> NDArray[np.int64]:
        slots = self._slots
        found = np.array([slots.setdefault(key, len(slots)) for key in keys], np.int64)
        capacity = len(next(iter(self._state.values())))
        if len(slots) > capacity:
            self._state = self._detector.grow(self._state, max(2 * capacity, len(slots)))
        return found


def _records(values: Any, fitted: Fitted) -> Table:
    """One record or many, as a table."""
    if isinstance(values, Mapping):
        columns = [np.atleast_1d(_numbers(name, column)) for name, column in values.items()]
        if len({column.shape for column in columns}) != 1:
            raise DataError(f"each of {', '.join(map(str, values))} needs as many values as the others")
        return Table(as_points(np.stack(columns, axis=1)).features, tuple(map(str, values)))
    return as_points([[values]] if np.isscalar(values) else values, fitted)


def _numbers(name: object, column: Any) -> NDArray[np.float64]:
    try:
        return np.asarray(column, np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{name!r} is not numeric: {error}") from error


def _keys(entity: Any, rows: int) -> list[Key | None]:
    """The entity of each row."""
    if entity is None or isinstance(entity, str) or not isinstance(entity, Iterable):
        return [_key(entity)] * rows
    keys = [_key(value) for value in entity]
    if len(keys) != rows:
        raise DataError(f"entity has {len(keys)} key(s), the data has {rows} row(s); each row needs one")
    return keys


def _key(value: Hashable) -> Key | None:
    plain = value.item() if isinstance(value, np.generic) else value
    if plain is None or (isinstance(plain, str | int) and not isinstance(plain, bool)):
        return plain
    raise DataError(f"entity {value!r} is neither text nor a whole number")
