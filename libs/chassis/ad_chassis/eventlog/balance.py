"""Who of a group gets which partition: evenly, and what need not move stays where it is."""

from collections.abc import Collection, Mapping

from ad_chassis.eventlog.port import TopicPartition


def balance(
    members: Mapping[str, Collection[str]],
    partitions: Collection[TopicPartition],
    owners: Mapping[TopicPartition, str],
) -> dict[TopicPartition, str]:
    """The owner of every partition that some member subscribes; the same input gives the same answer."""
    held: dict[str, list[TopicPartition]] = {member: [] for member in sorted(members)}
    for source in sorted(partitions):
        owner = owners.get(source, "")
        if owner in members and source.topic in members[owner]:
            held[owner].append(source)
    kept = {source for sources in held.values() for source in sources}
    for source in sorted(set(partitions) - kept):
        eligible = [member for member in held if source.topic in members[member]]
        if eligible:
            held[min(eligible, key=lambda member: len(held[member]))].append(source)
    while _move_one(members, held):
        pass
    return {source: member for member, sources in held.items() for source in sources}


def _move_one(members: Mapping[str, Collection[str]], held: dict[str, list[TopicPartition]]) -> bool:
    """Moves one partition from the fullest member that has one for an emptier member; each move evens out."""
    by_load = sorted(held, key=lambda member: len(held[member]))
    for giver in reversed(by_load):
        for taker in by_load:
            if len(held[giver]) - len(held[taker]) < 2:
                break
            movable = [source for source in held[giver] if source.topic in members[taker]]
            if movable:
                held[giver].remove(movable[-1])
                held[taker].append(movable[-1])
                return True
    return False
