"""When a switch counts as being in force."""

from benchmarks.engine.switch import _more


def test_a_switch_is_in_force_when_the_last_partition_has_recorded_it() -> None:
    assert not _more({0: 3, 1: 2}, {0: 2, 1: 2})
    assert _more({0: 3, 1: 3}, {0: 2, 1: 2})
