"""Consumer groups in the embedded log: leases, ownership by epoch, commits; in the caller's transaction."""

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from ad_chassis.eventlog.balance import balance
from ad_chassis.eventlog.embedded_schema import note_regrouping
from ad_chassis.eventlog.embedded_store import Topic, append
from ad_chassis.eventlog.errors import Fenced
from ad_chassis.eventlog.port import Batch, Committed, Message, TopicPartition


@dataclass(frozen=True, slots=True)
class Member:
    group: str
    name: str


@dataclass(frozen=True, slots=True)
class Ownership:
    partition_id: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Share:
    """What a member owns after a heartbeat, and what of it others wait for."""

    owned: dict[TopicPartition, Ownership]
    leaving: frozenset[TopicPartition]


def heartbeat(
    db: sqlite3.Connection,
    member: Member,
    topics: Collection[str],
    now_ms: int,
    lease_ms: int,
    busy: Collection[TopicPartition],
) -> Share:
    """Renews the lease, buries the dead, gives up what belongs to others unless busy, takes what is free."""
    _renew(db, member, topics, now_ms + lease_ms)
    _bury(db, member.group, now_ms)
    members = {name: json.loads(own) for name, own in _members(db, member.group)}
    partitions = _partitions(db, {topic for own in members.values() for topic in own})
    owners = _owners(db, member.group)
    holders = {source: owners[pid][0] for source, pid in partitions.items() if pid in owners}
    target = balance(members, partitions, {source: name for source, name in holders.items() if name})
    mine = {source for source, name in holders.items() if name == member.name}
    leaving = frozenset(source for source in mine if target.get(source) != member.name)
    for source in leaving - set(busy):
        release(db, member, partitions[source])
    gained = {s for s, name in target.items() if name == member.name and not holders.get(s)}
    for source in gained:
        _claim(db, member, partitions[source])
    epochs = _owners(db, member.group)
    kept = (mine - (leaving - set(busy))) | gained
    owned = {s: Ownership(partitions[s], epochs[partitions[s]][1]) for s in kept}
    return Share(owned, leaving & set(busy))


def leave(db: sqlite3.Connection, member: Member) -> None:
    db.execute("DELETE FROM members WHERE group_name = ? AND member = ?", (member.group, member.name))
    db.execute(
        "UPDATE owners SET member = NULL WHERE group_name = ? AND member = ?", (member.group, member.name)
    )
    note_regrouping(db)


def release(db: sqlite3.Connection, member: Member, partition_id: int) -> None:
    db.execute(
        "UPDATE owners SET member = NULL WHERE group_name = ? AND partition_id = ? AND member = ?",
        (member.group, partition_id, member.name),
    )
    note_regrouping(db)


def committed(db: sqlite3.Connection, group: str, partition_id: int) -> Committed | None:
    row = db.execute(
        "SELECT offset, metadata FROM committed WHERE group_name = ? AND partition_id = ?",
        (group, partition_id),
    ).fetchone()
    return None if row is None else Committed(*row)


def commit(
    db: sqlite3.Connection,
    member: Member,
    ownership: Ownership,
    batch: Batch,
    metadata: str,
    outputs: Sequence[Message],
    topics: Mapping[str, Topic],
    choose: Callable[[Message, int], int],
) -> None:
    """Outputs, offset and metadata in one transaction, if the partition still belongs to the member."""
    owner = _owners(db, member.group).get(ownership.partition_id)
    if owner != (member.name, ownership.epoch):
        raise Fenced(f"{batch.source} of group {member.group!r} has another owner now")
    db.execute(
        "INSERT OR REPLACE INTO committed VALUES (?, ?, ?, ?)",
        (member.group, ownership.partition_id, batch.next_offset, metadata),
    )
    if outputs:
        append(db, outputs, topics, choose)


def _renew(db: sqlite3.Connection, member: Member, topics: Collection[str], expires_ms: int) -> None:
    wanted = json.dumps(sorted(topics))
    before = db.execute(
        "SELECT topics FROM members WHERE group_name = ? AND member = ?", (member.group, member.name)
    ).fetchone()
    db.execute(
        "INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?)", (member.group, member.name, wanted, expires_ms)
    )
    if before is None or before[0] != wanted:
        note_regrouping(db)


def _bury(db: sqlite3.Connection, group: str, now_ms: int) -> None:
    dead = db.execute(
        "DELETE FROM members WHERE group_name = ? AND expires_ms < ? RETURNING member", (group, now_ms)
    ).fetchall()
    for (name,) in dead:
        leave(db, Member(group, name))


def _members(db: sqlite3.Connection, group: str) -> list[tuple[str, str]]:
    return db.execute("SELECT member, topics FROM members WHERE group_name = ?", (group,)).fetchall()


def _partitions(db: sqlite3.Connection, topics: Collection[str]) -> dict[TopicPartition, int]:
    statement = "SELECT topic, partition, id FROM partitions WHERE topic = ?"
    return {
        TopicPartition(topic, number): partition_id
        for name in sorted(topics)
        for topic, number, partition_id in db.execute(statement, (name,)).fetchall()
    }


def _owners(db: sqlite3.Connection, group: str) -> dict[int, tuple[str | None, int]]:
    rows = db.execute("SELECT partition_id, member, epoch FROM owners WHERE group_name = ?", (group,))
    return {partition_id: (name, epoch) for partition_id, name, epoch in rows.fetchall()}


def _claim(db: sqlite3.Connection, member: Member, partition_id: int) -> None:
    """Every change of hands gets a new epoch, so that a late commit of a former owner is told apart."""
    db.execute(
        "INSERT INTO owners VALUES (?, ?, ?, 1) ON CONFLICT (group_name, partition_id)"
        " DO UPDATE SET member = excluded.member, epoch = epoch + 1",
        (member.group, partition_id, member.name),
    )
