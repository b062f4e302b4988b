"""Points in time from text and numbers, whole columns at once.

Text is ISO 8601, with a zone or without (then it is UTC). A number is since the epoch: seconds below 1e11
(the year 5138), milliseconds below 1e14. Text that is a number counts as that number.
"""

import polars as pl

TIME = pl.Datetime("ms", "UTC")
SECONDS_BELOW = 1e11
MILLISECONDS_BELOW = 1e14
# 0001-01-01 to 9999-12-31: what lies outside is damage, and Python has no name for it.
FIRST_MS, LAST_MS = -62_135_596_800_000, 253_402_300_799_999
ISO = (
    r"^\s*(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[Tt ](?<clock>[0-9]{2}:[0-9]{2})(?::(?<second>[0-9]{2})(?:[.,](?<fraction>[0-9]{1,9})[0-9]*)?)?)?"
    r"\s*(?<zone>[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?\s*$"
)


def bounded(times: pl.Series) -> pl.Series:
    """Null where a time is not in the years 1 to 9999."""
    milliseconds = times.to_physical()
    outside = (milliseconds < FIRST_MS) | (milliseconds > LAST_MS)
    return times.set(outside, None) if outside.any() else times


def from_numbers(column: pl.Series) -> pl.Series:
    """Null where the number is not finite or too large for milliseconds."""
    value = pl.col("value")
    size = value.abs()
    whole = (
        pl.when(size < SECONDS_BELOW).then((value * 1000).round()).when(size < MILLISECONDS_BELOW).then(value)
    )
    frame = pl.DataFrame({"value": column.cast(pl.Float64)})
    return frame.select(whole.cast(pl.Int64, strict=False).cast(TIME)).to_series().alias(column.name)


def from_text(column: pl.Series) -> pl.Series:
    """Null where the text is no time."""
    frame = pl.DataFrame({"text": column}).with_columns(pl.col("text").str.extract_groups(ISO).alias("part"))
    part = pl.col("part").struct
    moment = (part.field("day") + " " + part.field("clock").fill_null("00:00") + ":"
              + part.field("second").fill_null("00"))  # fmt: skip
    base = moment.str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="ms", strict=False).dt.epoch("ms")
    fraction = part.field("fraction").fill_null("0").str.pad_end(3, "0").str.slice(0, 3).cast(pl.Int64)
    milliseconds = frame.select((base + fraction - _offset_ms(part.field("zone"))).alias("ms")).to_series()
    times = milliseconds.cast(TIME)
    if times.null_count() > column.null_count():
        times = times.zip_with(times.is_not_null(), from_numbers(column.cast(pl.Float64, strict=False)))
    return times.alias(column.name)


def _offset_ms(zone: pl.Expr) -> pl.Expr:
    digits = zone.str.replace_all("[^0-9]", "").str.pad_end(4, "0")
    minutes = digits.str.slice(0, 2).cast(pl.Int64) * 60 + digits.str.slice(2, 2).cast(pl.Int64)
    sign = pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)
    right = (digits.str.slice(0, 2).cast(pl.Int64) < 24) & (digits.str.slice(2, 2).cast(pl.Int64) < 60)
    offset = pl.when(right.fill_null(True)).then(sign * minutes * 60_000)
    return pl.when(zone.is_null()).then(0).otherwise(offset)
