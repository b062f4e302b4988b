"""Lists of entities that a stream knows little of, or no more: the latest of each kind, by name.

How many there are is counted elsewhere and exactly; here stands which ones, and memory is bounded. While records flow
only arrays are noted; names are put together when the lists are written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from ad_detection.domain.control import StreamKey
from ad_detection.domain.names import Names
from ad_detectors.kernels.names import Entries, Whole

KEPT = 10_000
"""Entities of a stream in one list."""
MARKS = 1 << 21
ListName = Literal["cold", "evicted", "refused"]
LISTS: tuple[ListName, ...] = get_args(ListName)
Flags = NDArray[np.bool_]


@dataclass(slots=True)
class Met:
    """How the entities of some rows stood."""

    key: StreamKey
    names: Sequence[str]
    hashes: Entries
    codes: Whole
    """Which name each row has."""
    cold: Flags = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    """By row; one that was refused is cold too."""
    refused: list[Whole] = field(default_factory=list)
    """Rows of entities that were not taken in."""
    evicted: list[str] = field(default_factory=list)
    """Of the entities that were forgotten, those used last."""


class Listed(NamedTuple):
    """An entity in a list, how many records put it there, and when."""

    entity: str
    records: int
    first_ms: int
    last_ms: int


class Changes(NamedTuple):
    """What came to the lists of a stream, the latest at the end, and who is cold no longer."""

    listed: dict[ListName, list[Listed]]
    warmed: frozenset[str]


class Note(NamedTuple):
    """Entities of one batch that belong in a list: some of its names."""

    names: Sequence[str]
    places: Whole
    records: Whole
    at_ms: int
    turn: int
    """The batch, counted by the list."""


class Marks:
    """Of which names it may be that they are listed as cold: some others pass for them, none is missed."""

    def __init__(self) -> None:
        self._marks = np.zeros(MARKS, dtype=np.bool_)
        self._any = False

    def add(self, hashes: Entries) -> None:
        self._marks[hashes & np.uint64(MARKS - 1)] = True
        self._any = True

    def has(self, hashes: Entries) -> Flags | None:
        """By name, or None when nobody is marked."""
        return self._marks[hashes & np.uint64(MARKS - 1)] if self._any else None

    def begin(self, names: Sequence[str]) -> None:
        """Only these, from now on."""
        self._marks[:] = False
        self._any = False
        if names:
            self.add(Names.of(names).hashes)


class StreamLists:
    """What was noted of one stream since its lists were written."""

    def __init__(self) -> None:
        self.cold: dict[str, None] = {}
        """Listed when the lists were written last, the latest at the end."""
        self._notes: dict[ListName, list[Note]] = {}
        self._warm: dict[str, int] = {}
        """In which turn names that may be listed as cold were seen to be warm."""
        self._turn = 0
        self._unwritten: Changes | None = None

    @property
    def empty(self) -> bool:
        return not (self._warm or self._unwritten or self._notes)

    def add(self, met: Met, marks: Marks, now_ms: int) -> None:
        self._turn += 1
        if met.evicted:
            self._note("evicted", met.evicted, np.arange(len(met.evicted)), now_ms)
        if met.cold.any():
            cold = met.cold.copy()
            for rows in met.refused:
                cold[rows] = False
                self._note("refused", met.names, met.codes[rows], now_ms)
            marks.add(met.hashes[self._note("cold", met.names, met.codes[cold], now_ms)])
        if not met.cold.all():
            self._see_warm(met, marks.has(met.hashes))

    def learn(self, cold: Sequence[str], marks: Marks) -> None:
        """Others have listed these."""
        self.cold = dict.fromkeys(cold) | self.cold
        marks.add(Names.of(cold).hashes)

    def marked(self) -> list[str]:
        """All that are listed as cold, or will be."""
        noted = (note.names[place] for note in self._noted("cold") for place in note.places.tolist())
        return [*self.cold, *noted]

    def take(self) -> Changes:
        """What was noted since the last time; the lists are empty from now on."""
        before, self._unwritten = self._unwritten, None
        listed = {name: self._listed(name, before) for name in LISTS}
        turns = {
            note.names[place]: note.turn for note in self._noted("cold") for place in note.places.tolist()
        }
        warm = {name for name, turn in self._warm.items() if turn >= turns.get(name, -1)}
        warmed = warm & (self.cold.keys() | {each.entity for each in listed["cold"]})
        if before is not None:
            warmed |= before.warmed - turns.keys()
        listed["cold"] = [each for each in listed["cold"] if each.entity not in warmed]
        self._notes, self._warm = {}, {}
        known = {name: None for name in self.cold if name not in warmed}
        known |= dict.fromkeys(each.entity for each in listed["cold"])
        self.cold = dict.fromkeys(list(known)[-2 * KEPT :])
        return Changes(listed, frozenset(warmed))

    def put_back(self, changes: Changes) -> None:
        """It could not be written, and is taken once more."""
        self._unwritten = changes

    def _noted(self, name: ListName) -> list[Note]:
        return self._notes.get(name, [])

    def _listed(self, name: ListName, before: Changes | None) -> list[Listed]:
        found = {} if before is None else {each.entity: each for each in before.listed[name]}
        for note in self._noted(name):
            for place, records in zip(note.places.tolist(), note.records.tolist(), strict=True):
                entity = note.names[place]
                known = found.pop(entity, Listed(entity, 0, note.at_ms, note.at_ms))
                found[entity] = known._replace(records=known.records + records, last_ms=note.at_ms)
        return list(found.values())[-KEPT:]

    def _note(self, name: ListName, names: Sequence[str], codes: Whole, now_ms: int) -> Whole:
        """Which of the names these are. Notes that newer ones push out of the list are not kept."""
        records = np.bincount(codes, minlength=len(names))
        noted = places = np.flatnonzero(records)[-KEPT:]
        if len(places) == 0:
            return noted
        records = records[places]
        if 2 * len(places) < len(names):
            # So that a few do not keep the names of a whole batch.
            names, places = [names[place] for place in places.tolist()], np.arange(len(places))
        notes = self._notes.setdefault(name, [])
        notes.append(Note(names, places, records, now_ms, self._turn))
        kept = sum(len(note.places) for note in notes)
        while kept - len(notes[0].places) >= KEPT:
            kept -= len(notes.pop(0).places)
        return noted

    def _see_warm(self, met: Met, marked: Flags | None) -> None:
        """Those whose last row is not cold."""
        if marked is None or not marked.any():
            return
        last = np.empty(len(met.names), dtype=np.int64)
        last[met.codes] = np.arange(len(met.codes))
        warm = [met.names[place] for place in np.flatnonzero(marked & ~met.cold[last]).tolist()]
        self._warm.update(dict.fromkeys(warm, self._turn))
