"""Compressed bodies."""

import gzip

import pytest

from ad_ingestion.domain.inflate import DamagedBody, InflatesTooMuch, UnknownEncoding, inflated

DATA = b"records " * 1000


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (DATA, None),
        (DATA, "identity"),
        (gzip.compress(DATA), "gzip"),
        (gzip.compress(DATA), "X-GZIP"),
        (gzip.compress(DATA[:8]) + gzip.compress(DATA[8:]), "gzip"),
    ],
)
def test_a_body_comes_out_as_it_was(data, encoding) -> None:
    assert inflated(data, encoding, len(DATA)) == DATA


def test_more_than_the_bound_never_comes_out() -> None:
    with pytest.raises(InflatesTooMuch, match="more than 7999 bytes"):
        inflated(gzip.compress(DATA), "gzip", len(DATA) - 1)


@pytest.mark.parametrize("data", [b"garbage", gzip.compress(DATA)[:-9], gzip.compress(DATA) + b"more"])
def test_what_is_not_gzip_or_ends_too_early_is_damaged(data) -> None:
    with pytest.raises(DamagedBody, match="not readable as gzip"):
        inflated(data, "gzip", 10**6)


def test_another_encoding_is_named() -> None:
    with pytest.raises(UnknownEncoding, match="'br' is not taken"):
        inflated(DATA, "br", 10**6)
