"""Scores from their topic."""

from pathlib import Path

from ad_chassis.testing.platform import memory_platform
from ad_detection.adapters.log_scores import LogScores


async def test_a_tenant_without_a_stream_has_an_empty_page_of_scores(tmp_path: Path) -> None:
    async with memory_platform(tmp_path) as platform:
        assert await LogScores(platform.event_log).page("newcomer", "pumps", 10, None) == ([], None)
