from uuid import UUID

from ad_contracts.ids import anomaly_id, record_id, silence_id


def test_an_anomaly_has_the_same_id_in_every_run() -> None:
    first = anomaly_id("default", "cpu", 0, 12, 3, "m@1")
    assert first == anomaly_id("default", "cpu", 0, 12, 3, "m@1") == "7ce95655-b1a9-50f0-87a4-1850abc320aa"
    assert UUID(first).version == 5


def test_every_part_of_the_place_changes_the_id() -> None:
    places = [
        ("default", "cpu", 0, 12, 3, "m@1"),
        ("acme", "cpu", 0, 12, 3, "m@1"),
        ("default", "mem", 0, 12, 3, "m@1"),
        ("default", "cpu", 1, 12, 3, "m@1"),
        ("default", "cpu", 0, 13, 3, "m@1"),
        ("default", "cpu", 0, 12, 4, "m@1"),
        ("default", "cpu", 0, 12, 3, "m@2"),
        ("default", "cpu", 0, 12, 3, None),
    ]
    assert len({anomaly_id(*place) for place in places}) == len(places)


def test_a_record_is_named_by_its_batch_then_its_message_then_its_place() -> None:
    assert record_id("records.default", 1, 7, 2, ce_id="b.1", batch_id="b") == "b/2"
    assert record_id("records.default", 1, 7, 2, ce_id="b.1") == "b.1/2"
    assert record_id("records.default", 1, 7, 2) == "records.default/1/7/2"


def test_a_silence_is_known_by_its_entity_and_when_it_began() -> None:
    first = silence_id("default", "cpu", "a", 12)
    assert first == silence_id("default", "cpu", "a", 12)
    others = [
        ("other", "cpu", "a", 12),
        ("default", "x", "a", 12),
        ("default", "cpu", None, 12),
        ("default", "cpu", "a", 13),
    ]
    assert len({first, *(silence_id(*each) for each in others)}) == 5
