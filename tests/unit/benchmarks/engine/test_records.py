"""The records that the engine is measured with."""

import json
from collections import defaultdict

from ad_data.decode import decode
from ad_data.schema import StreamSchema
from benchmarks.engine.records import (
    ARROW,
    Target,
    as_arrow,
    as_json,
    in_turn,
    of_entities,
    schema,
    values,
)


def schema_of(features: int, *, entity: bool = False) -> StreamSchema:
    return StreamSchema.from_json(json.dumps(schema(features, entity=entity)))


def test_a_json_record_of_ten_features_has_about_117_bytes() -> None:
    bodies = as_json(values(1000, 10))
    assert 110 < sum(map(len, bodies)) / 1000 < 120


def test_arrow_messages_hold_the_same_rows_as_the_json_records() -> None:
    matrix = values(2500, 3)
    rows = decode(as_json(matrix), "application/json", schema_of(3))
    batches = decode(as_arrow(matrix), ARROW, schema_of(3))
    assert not rows.failures
    assert not batches.failures
    assert rows.frame.select("f0", "f1", "f2").equals(batches.frame.select("f0", "f1", "f2"))
    assert len(as_arrow(matrix)) == 3


def test_streams_take_turns_and_each_reaches_every_partition() -> None:
    target = Target("t", 4, ["a", "b", "c"])
    messages = [message for chunk in in_turn(target, [b"{}"], 30_000) for message in chunk]
    assert len(messages) == 30_000
    places = {(dict(message.headers)["ce_source"], message.partition) for message in messages}
    assert len(places) == 12


def test_an_entity_stays_in_its_partition_and_all_come_before_any_comes_again() -> None:
    messages = [message for chunk in of_entities(Target("t", 6, ["a"]), 1000, 25_000) for message in chunk]
    names = [json.loads(message.value or b"")["entity"] for message in messages]
    assert len(set(names[:1000])) == len(set(names)) == 1000
    places = defaultdict(set)
    for name, message in zip(names, messages, strict=True):
        places[name].add(message.partition)
    assert all(len(found) == 1 for found in places.values())


def test_when_each_has_come_once_only_the_busy_ones_come_again_in_every_partition() -> None:
    messages = [message for chunk in of_entities(Target("t", 6, ["a"]), 1000, 5000, 100) for message in chunk]
    names = [json.loads(message.value or b"")["entity"] for message in messages]
    assert len(set(names[:1000])) == 1000
    assert len(set(names[1000:])) == 100
    assert len({message.partition for message in messages[1000:]}) >= 3


def test_records_of_entities_fit_their_schema() -> None:
    [chunk] = of_entities(Target("t", 6, ["a"]), 10, 20)
    found = decode([message.value for message in chunk], "application/json", schema_of(1, entity=True))
    assert not found.failures
    assert found.frame.height == 20
