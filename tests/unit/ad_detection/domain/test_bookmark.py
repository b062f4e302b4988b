"""What is committed with an offset."""

from ad_detection.domain.bookmark import Bookmark


def test_a_bookmark_survives_the_metadata_of_a_commit() -> None:
    mark = Bookmark("snapshots/detection/records.default/3/00000000000000000042-ab.npz", 42)
    assert Bookmark.decode(mark.encode()) == mark
    assert len(mark.encode()) < 4096, "brokers refuse more"


def test_no_metadata_is_no_bookmark() -> None:
    assert Bookmark.decode("") is None
