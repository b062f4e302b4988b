"""Whether the owner of a batch is gone."""

import pytest

from ad_ingestion.domain.owners import LEASE_SECONDS, Owner, is_gone

ME = Owner("here", 5, "a")


@pytest.mark.parametrize(
    ("owner", "alive", "age_seconds", "gone"),
    [
        (ME, True, 1e6, False),
        (Owner("here", 6, "b"), True, 0.0, False),
        (Owner("here", 6, "b"), False, 0.0, True),
        (Owner("here", 5, "b"), True, 0.0, True),
        (Owner("there", 6, "b"), False, 0.0, False),
        (Owner("there", 6, "b"), False, LEASE_SECONDS + 1, True),
        (Owner("here", 6, "b"), True, LEASE_SECONDS + 1, True),
    ],
)
def test_an_owner_is_gone_when_its_process_is_or_it_was_silent_too_long(
    owner, alive, age_seconds, gone
) -> None:
    assert is_gone(owner, ME, alive=alive, age_seconds=age_seconds) is gone


def test_an_owner_survives_being_written_down() -> None:
    owner = Owner.new("rack/7", 12)
    assert Owner.parse(str(owner)) == owner
