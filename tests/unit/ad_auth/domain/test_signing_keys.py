"""Which key signs, which ones are published, when the next is wanted."""

from datetime import UTC, datetime, timedelta

import pytest

from ad_auth.domain.signing_keys import SigningKey, due, newest, published

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def key(generation: int, *, algorithm: str = "ES256", age: timedelta = DAY, retired: datetime | None = None):
    return SigningKey("default", generation, f"k{generation}", algorithm, {"d": "SECRET"}, NOW - age, retired)


def test_the_newest_key_signs() -> None:
    assert newest([key(1), key(3), key(2)]) == key(3)
    assert newest([]) is None


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ([], True),
        ([key(1)], False),
        ([key(1, algorithm="Ed25519")], True),
        ([key(1, algorithm="Ed25519"), key(2)], False),
        ([key(1, age=90 * DAY)], True),
        ([key(1, age=90 * DAY), key(2)], False),
    ],
)
def test_a_key_is_wanted_when_there_is_none_of_the_algorithm_that_is_young(keys, wanted) -> None:
    assert due(keys, "ES256", NOW, 90 * DAY) is wanted


def test_a_retired_key_is_published_until_its_last_token_has_ended() -> None:
    keys = [key(1, retired=NOW - 2 * DAY), key(2, retired=NOW - DAY / 2), key(3)]
    assert [each.generation for each in published(keys, NOW, DAY)] == [2, 3]


def test_what_is_printed_of_a_key_holds_no_private_part() -> None:
    assert "SECRET" not in repr(key(1))
