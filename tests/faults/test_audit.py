"""What the audit counts, over outputs made by hand."""

from pathlib import Path

from tests.faults.audit import Row, compared_items, sent_row, switches_row
from tests.faults.ledger import Acknowledged, Ledger, read_ledger
from tests.faults.outputs import Item
from tests.faults.records import readings, untidy
from tests.faults.replay import Switch, switches_told


def item(offset: int, sensor: str = "s0", **content: str) -> Item:
    return Item(f"t/0/{offset}/0", (0, sensor), (offset, 0), {"score": "1.0"} | content)


def counts(row: Row) -> dict[str, int]:
    return {kind: len(examples) for kind, examples in row.wrong.items() if examples}


RIGHT = [item(0), item(1, "s1"), item(2)]


def test_equal_outputs_have_nothing_wrong() -> None:
    assert counts(compared_items("scores", RIGHT, RIGHT)) == {}


def test_sensors_may_overtake_each_other() -> None:
    assert counts(compared_items("scores", RIGHT, [RIGHT[0], RIGHT[2], RIGHT[1]])) == {}


def test_what_is_not_there_is_missing() -> None:
    assert counts(compared_items("scores", RIGHT, RIGHT[:2])) == {"missing": 1}


def test_what_comes_twice_is_double_and_not_out_of_order() -> None:
    assert counts(compared_items("scores", RIGHT, [*RIGHT, RIGHT[0]])) == {"double": 1}


def test_what_nobody_sent_is_foreign() -> None:
    assert counts(compared_items("scores", RIGHT, [*RIGHT, item(3)])) == {"foreign": 1}


def test_a_sensor_whose_records_change_places_is_out_of_order() -> None:
    assert counts(compared_items("scores", RIGHT, RIGHT[::-1])) == {"out of order": 1}


def test_the_last_bit_of_a_score_makes_it_different() -> None:
    wrong = [*RIGHT[:2], item(2, score="1.0000000000000002")]
    row = compared_items("scores", RIGHT, wrong)
    assert counts(row) == {"different": 1}
    assert row.wrong["different"][0].endswith("score 1.0000000000000002 instead of 1.0")


def test_an_acknowledged_send_that_is_not_on_the_topic_is_missing() -> None:
    ledger = [Acknowledged(0, 0, "a", 0), Acknowledged(0, 1, "a", 1)]
    assert counts(sent_row(ledger, {0: [(0, "a", 0)]})) == {"missing": 1}


def test_a_send_stored_elsewhere_than_acknowledged_is_different() -> None:
    assert counts(sent_row([Acknowledged(0, 0, "a", 0)], {0: [(0, "a", 5)]})) == {"different": 1}


def test_a_send_stored_twice_and_acknowledged_once_is_double_but_two_sends_are_two() -> None:
    twice = {0: [(0, "a", 0), (1, "a", 0)]}
    once = [Acknowledged(0, 0, "a", 0)]
    assert counts(sent_row(once, twice)) == {"double": 1}
    assert counts(sent_row([*once, Acknowledged(0, 1, "a", 0)], twice)) == {}


def test_a_send_that_was_stored_and_never_acknowledged_is_no_fault() -> None:
    assert counts(sent_row([], {0: [(0, "a", 0)]})) == {}


def test_a_partition_may_leave_out_a_version_but_not_go_back_to_one_that_was_not_promoted_again() -> None:
    promoted = [None, "m@1", "m@2", "m@1"]
    told = [item(0, model_version="None"), item(1, model_version="'m@2'"), item(2, model_version="'m@1'")]
    switches = switches_told(told)
    assert switches == {0: [Switch(0, None), Switch(1, "m@2"), Switch(2, "m@1")]}
    assert counts(switches_row(switches, promoted)) == {}
    assert counts(switches_row(switches, promoted[:3])) == {"out of order": 1}


def test_a_line_of_the_ledger_that_was_being_written_acknowledges_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    ledger = Ledger(path)
    ledger.note(Acknowledged(1, 2, "a", 3))
    ledger.sync()
    with path.open("a") as file:
        file.write("1 3 a")
    assert read_ledger(path) == [Acknowledged(1, 2, "a", 3)]


def test_readings_are_the_same_for_the_same_seed_and_untidy_ones_repeat_and_come_late() -> None:
    first, second = (
        [next(source) for _ in range(3000)] for source in (readings(1, "a", 0.1), readings(1, "a", 0.1))
    )
    assert first == second
    sent = [reading.sequence for reading in untidy(iter(first), 1, 0.2)]
    assert len(sent) > len(set(sent)) > 2990
    assert sent != sorted(sent)
