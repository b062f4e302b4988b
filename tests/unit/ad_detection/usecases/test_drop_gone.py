"""What was written of streams that are gone is taken away."""

import pytest

from ad_detection.usecases.drop_gone import AT_ONCE, GoneStreams

STREAMS = [("default", f"s{number}") for number in range(AT_ONCE + 5)]


async def test_each_is_dropped_once_some_at_a_time_and_what_failed_again() -> None:
    dropped: list[tuple[str, str]] = []
    portions: list[int] = []

    async def drop(streams: list[tuple[str, str]]) -> None:
        if len(portions) == 1:
            portions.append(0)
            raise OSError("the database is away")
        portions.append(len(streams))
        dropped.extend(streams)

    gone = GoneStreams()
    for stream in [*STREAMS, *STREAMS]:
        gone.add(stream)
    with pytest.raises(OSError, match="away"):
        await gone.drop(drop)
    for _ in range(2):
        await gone.drop(drop)
    assert (portions, dropped) == ([AT_ONCE, 0, 5], STREAMS)
