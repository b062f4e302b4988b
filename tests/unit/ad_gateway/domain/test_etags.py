"""Which answers get a validator, and when a caller has an answer already."""

import pytest

from ad_gateway.domain.etags import MOST_BYTES, is_known, may_be_tagged, tag_of

TAG = tag_of(b"{}")


def test_the_same_answer_has_the_same_weak_tag_and_another_one_has_another() -> None:
    assert tag_of(b"{}") == TAG
    assert TAG.startswith('W/"')
    assert tag_of(b"[]") != TAG


@pytest.mark.parametrize(
    ("status", "headers", "tagged"),
    [
        (200, [(b"content-length", b"2")], True),
        (200, [(b"content-length", str(MOST_BYTES + 1).encode())], False),
        (200, [], False),
        (200, [(b"content-length", b"2"), (b"etag", b'"3"')], False),
        (404, [(b"content-length", b"2")], False),
    ],
)
def test_small_good_answers_without_a_tag_get_one(
    status: int, headers: list[tuple[bytes, bytes]], tagged: bool
) -> None:
    assert may_be_tagged(status, headers) is tagged


@pytest.mark.parametrize(
    ("condition", "known"),
    [
        (TAG, True),
        (f'"other", {TAG}', True),
        (TAG.removeprefix("W/"), True),
        ("*", True),
        ('"other"', False),
        ("", False),
    ],
)
def test_tags_are_compared_weakly(condition: str, known: bool) -> None:
    assert is_known(condition, TAG) is known
