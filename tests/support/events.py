"""Hypothesis strategies for events, derived from their types."""

from typing import get_args

import msgspec
from hypothesis import strategies as st

from ad_contracts.events import ChallengerVersion, Event, RecordHeader

INT64 = st.integers(-(2**63), 2**63 - 1)
FLOAT = st.floats(allow_nan=False)
TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES: dict[object, st.SearchStrategy[object]] = {
    int: INT64,
    float: FLOAT,
    bool: st.booleans(),
    str: TEXT,
    bytes: st.binary(max_size=50),
    list[str]: st.lists(TEXT, max_size=4),
    list[RecordHeader]: st.lists(
        st.fixed_dictionaries({"name": TEXT, "value": st.none() | st.binary(max_size=20)}), max_size=3
    ),
    list[ChallengerVersion]: st.lists(
        st.fixed_dictionaries({"model": TEXT, "version": INT64, "artifact_sha256": TEXT}), max_size=3
    ),
    dict[str, float]: st.dictionaries(TEXT, FLOAT, max_size=4),
    dict[str, int]: st.dictionaries(TEXT, INT64, max_size=4),
    dict[str, str]: st.dictionaries(TEXT, TEXT, max_size=4),
}
# What Avro calls int: the partition of a topic.
NARROW = {"partition": st.integers(-(2**31), 2**31 - 1)}


def strategy_of(kind: object) -> st.SearchStrategy[object]:
    if kind in VALUES:
        return VALUES[kind]
    options = get_args(kind)
    if type(None) in options:
        [present] = [option for option in options if option is not type(None)]
        return st.none() | strategy_of(present)
    return st.sampled_from(options)


def events_of(event: type[Event]) -> st.SearchStrategy[Event]:
    fields = {}
    for field in msgspec.structs.fields(event):
        kind = strategy_of(field.type)
        if field.name in NARROW:
            kind = NARROW[field.name] if int is field.type else st.none() | NARROW[field.name]
        fields[field.name] = kind
    return st.builds(event, **fields)
