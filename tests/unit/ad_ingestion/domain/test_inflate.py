"""Compressed bodies."""

import gzip
from functools import partial

import pytest

from ad_ingestion.domain.inflate import DamagedBody, InflatesTooMuch, UnknownEncoding, inflated

DATA = b"records " * 1000
# Without the time, or each process would call the tests something else.
gzipped = partial(gzip.compress, mtime=0)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (DATA, None),
        (DATA, "identity"),
        (gzipped(DATA), "gzip"),
        (gzipped(DATA), "X-GZIP"),
        (gzipped(DATA[:8]) + gzipped(DATA[8:]), "gzip"),
    ],
)
def test_a_body_comes_out_as_it_was(data, encoding) -> None:
    assert inflated(data, encoding, len(DATA)) == DATA


def test_more_than_the_bound_never_comes_out() -> None:
    with pytest.raises(InflatesTooMuch, match="more than 7999 bytes"):
        inflated(gzipped(DATA), "gzip", len(DATA) - 1)


@pytest.mark.parametrize("data", [b"garbage", gzipped(DATA)[:-9], gzipped(DATA) + b"more"])
def test_what_is_not_gzip_or_ends_too_early_is_damaged(data) -> None:
    with pytest.raises(DamagedBody, match="not readable as gzip"):
        inflated(data, "gzip", 10**6)


def test_another_encoding_is_named() -> None:
    with pytest.raises(UnknownEncoding, match="'br' is not taken"):
        inflated(DATA, "br", 10**6)
