"""Files part by part."""

import polars as pl
import pytest

from ad_data.arrow_files import read_parts
from ad_data.errors import ReadError

FRAME = pl.DataFrame({"n": range(1000), "text": [f"t{n % 7}" for n in range(1000)]})


def write(form, path) -> None:
    if form == "parquet":
        FRAME.write_parquet(path, row_group_size=400)
    elif form == "file":
        FRAME.write_ipc(path, record_batch_size=300)
    else:
        FRAME.write_ipc_stream(path)


@pytest.mark.parametrize("form", ["parquet", "file", "stream"])
def test_the_parts_are_the_file_and_none_is_larger_than_asked_for(tmp_path, form) -> None:
    path = tmp_path / "a"
    write(form, path)
    parts = list(read_parts(path, 256))
    assert pl.concat([part.frame for part in parts]).equals(FRAME)
    assert max(part.frame.height for part in parts) <= 256
    assert [part.share for part in parts] == sorted(part.share for part in parts)
    assert parts[-1].share > 0.99


@pytest.mark.parametrize("content", [b"PAR1xxxx", b"ARROW1xxxx", b"\xff\xff\xff\xff\x10\x00"])
def test_what_cannot_be_read_is_named(tmp_path, content) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(ReadError, match="not readable as"):
        list(read_parts(path, 10))


def test_a_column_that_is_no_value_is_named(tmp_path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"n": [[1]]}).write_parquet(path)
    with pytest.raises(ReadError, match="column 'n' is"):
        list(read_parts(path, 10))
