"""What is committed with an offset."""

from ad_detection.domain.bookmark import Bookmark, Switch


def test_a_bookmark_survives_the_metadata_of_a_commit() -> None:
    folder = f"snapshots/detection/records.{'t' * 63}.{'s' * 63}/3"
    switches = tuple(
        Switch(10**12 + number, f"{folder}/{10**12:020d}-abcdef01.switch.json") for number in range(16)
    )
    mark = Bookmark(f"{folder}/{42:020d}-abcdef01.json", 42, switches)
    assert mark.full
    assert Bookmark.decode(mark.encode()) == mark
    assert len(mark.encode()) < 4096, "brokers refuse more"


def test_no_metadata_is_no_bookmark() -> None:
    assert Bookmark.decode("") is None
