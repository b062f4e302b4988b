"""Compares what came out with what must have come out, and counts everything that is wrong."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.ledger import Acknowledged
from tests.faults.models import Version
from tests.faults.outputs import Item, Told
from tests.faults.replay import Switch

WRONG = ("missing", "double", "foreign", "out of order", "different")
SHOWN = 10
SHOWN_CHARACTERS = 200


@dataclass(frozen=True)
class Row:
    """One kind of output: how many of it there should be and are, and what is wrong with which."""

    name: str
    expected: int
    found: int
    wrong: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def count(self, kind: str) -> int:
        return len(self.wrong.get(kind, ()))


@dataclass(frozen=True)
class Audit:
    rows: tuple[Row, ...]

    @property
    def clean(self) -> bool:
        return not any(row.count(kind) for row in self.rows for kind in WRONG)

    def count(self, kind: str) -> int:
        return sum(row.count(kind) for row in self.rows)

    def __str__(self) -> str:
        head = "".join(f"{name:>14}" for name in ("expected", "found", *WRONG))
        lines = [f"{'':<10}{head}"]
        for row in self.rows:
            numbers = (row.expected, row.found, *map(row.count, WRONG))
            lines.append(f"{row.name:<10}" + "".join(f"{number:>14,}" for number in numbers))
        for row in self.rows:
            for kind in WRONG:
                lines += [f"{kind} in {row.name}: {example}" for example in row.wrong.get(kind, ())[:SHOWN]]
        return "\n".join(lines)


def audit(
    ledger: Iterable[Acknowledged],
    records: Mapping[int, Sequence[tuple[int, str, int]]],
    expected: Told,
    found: Told,
    switches: Mapping[int, Sequence[Switch]],
    promoted: Sequence[Version],
) -> Audit:
    """`records` are offset, source and sequence of what stands on the topic, by partition."""
    pairs = zip(Told._fields, expected, found, strict=True)
    compared = (compared_items(name, wanted, told) for name, wanted, told in pairs)
    return Audit((sent_row(list(ledger), records), *compared, switches_row(switches, promoted)))


def compared_items(name: str, expected: Sequence[Item], found: Sequence[Item]) -> Row:
    wanted = {item.id: item for item in expected}
    counts = Counter(item.id for item in found)
    wrong = {
        "missing": [_place(item) for item in expected if item.id not in counts],
        "double": [f"{each} stands there {count} times" for each, count in counts.items() if count > 1],
        "foreign": [_place(item) for item in found if item.id not in wanted],
        "out of order": list(_out_of_order(found)),
        "different": [
            f"{_place(item)}: {_difference(item, wanted[item.id])}"
            for item in found
            if item.id in wanted and item.content != wanted[item.id].content
        ],
    }
    return Row(name, len(expected), len(found), wrong)


def _out_of_order(found: Sequence[Item]) -> Iterable[str]:
    """A double that comes late is a double, and not out of order as well."""
    last: dict[tuple[Any, ...], tuple[int, int]] = {}
    seen: set[str] = set()
    for item in found:
        if item.id in seen:
            continue
        seen.add(item.id)
        before = last.get(item.lane, (-1, -1))
        if item.position < before:
            yield f"{_place(item)} comes after {before}"
        last[item.lane] = max(before, item.position)


def sent_row(ledger: Sequence[Acknowledged], records: Mapping[int, Sequence[tuple[int, str, int]]]) -> Row:
    """What was acknowledged stands on the topic, where it was said to, and no more often than it was sent."""
    stamps = {
        (partition, offset): (source, sequence)
        for partition, part in records.items()
        for offset, source, sequence in part
    }
    acknowledged = Counter((entry.source, entry.sequence) for entry in ledger)
    there = Counter(stamps.values())
    wrong = {
        "missing": [str(entry) for entry in ledger if entry[:2] not in stamps],
        "different": [
            f"{entry} but there is {stamps[entry[:2]]}"
            for entry in ledger
            if entry[:2] in stamps and stamps[entry[:2]] != entry[2:]
        ],
        "double": [
            f"{stamp} stands there {count} times, acknowledged {acknowledged[stamp]} times"
            for stamp, count in there.items()
            if count > max(1, acknowledged[stamp])
        ],
    }
    return Row("sent", len(ledger), len(stamps), wrong)


def switches_row(switches: Mapping[int, Sequence[Switch]], promoted: Sequence[Version]) -> Row:
    """Each partition went through the versions in the order in which they were promoted; it may leave some out."""
    wrong = [
        f"partition {partition} went through {[switch.version for switch in own]}"
        for partition, own in switches.items()
        if not _within([switch.version for switch in own], promoted)
    ]
    return Row("switches", len(promoted), sum(map(len, switches.values())), {"out of order": wrong})


def _within(own: Sequence[Version], promoted: Sequence[Version]) -> bool:
    left = iter(promoted)
    return all(version in left for version in own)


def _place(item: Item) -> str:
    return f"{item.id} of {item.lane} at {item.position}"


def _difference(item: Item, wanted: Item) -> str:
    names = sorted(item.content.keys() | wanted.content.keys())
    pairs = ((name, item.content.get(name), wanted.content.get(name)) for name in names)
    return ", ".join(
        f"{name} {_short(told)} instead of {_short(right)}" for name, told, right in pairs if told != right
    )


def _short(value: str | None) -> str:
    return f"{value}"[:SHOWN_CHARACTERS]
