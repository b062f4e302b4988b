"""What a sender is told."""

from ad_ingestion.domain.batches import SHOWN_REJECTIONS, receipt_of
from ad_ingestion.domain.sorting import Rejection


def test_all_rejections_are_counted_and_the_first_hundred_shown() -> None:
    receipt = receipt_of("b", 5, [Rejection(row, "wrong", "load", b"{}") for row in range(250)])
    assert (receipt.accepted, receipt.rejected, len(receipt.rejections)) == (5, 250, SHOWN_REJECTIONS)
    assert receipt.rejections[0] == {"row": 0, "field": "load", "reason": "wrong"}
