"""Which key signs, which ones are published, when the next is wanted."""

from datetime import UTC, datetime, timedelta

import pytest

from ad_auth.domain.signing_keys import Schedule, SigningKey, due, newest, published, signing, starts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SCHEDULE = Schedule(90 * DAY, DAY)


def key(generation: int, *, algorithm: str = "ES256", age: timedelta = DAY, retired: datetime | None = None):
    made = NOW - age
    return SigningKey(
        "default", generation, f"k{generation}", algorithm, {"d": "SECRET"}, made, made, retired
    )


def test_a_key_signs_when_its_time_has_come_and_the_first_one_at_once() -> None:
    old, following = key(1), key(2, age=-DAY)
    assert signing([old, following], NOW) == old
    assert signing([old, following], NOW + DAY) == following
    assert signing([], NOW) is None
    assert (starts([], NOW, SCHEDULE), starts([old], NOW, SCHEDULE)) == (NOW, NOW + DAY)


def test_the_newest_key_is_that_of_the_last_generation() -> None:
    assert newest([key(1), key(3), key(2)]) == key(3)
    assert newest([]) is None


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ([], True),
        ([key(1)], False),
        ([key(1, algorithm="Ed25519")], True),
        ([key(1, algorithm="Ed25519"), key(2)], False),
        ([key(1, age=88 * DAY)], False),
        ([key(1, age=89 * DAY)], True),
        ([key(1, age=90 * DAY), key(2)], False),
    ],
)
def test_a_key_is_wanted_when_there_is_none_of_the_algorithm_that_is_young(keys, wanted) -> None:
    assert due(keys, "ES256", NOW, SCHEDULE) is wanted


def test_a_retired_key_is_published_until_its_last_token_has_ended() -> None:
    keys = [key(1, retired=NOW - 2 * DAY), key(2, retired=NOW - DAY / 2), key(3)]
    assert [each.generation for each in published(keys, NOW, DAY)] == [2, 3]


def test_what_is_printed_of_a_key_holds_no_private_part() -> None:
    assert "SECRET" not in repr(key(1))
