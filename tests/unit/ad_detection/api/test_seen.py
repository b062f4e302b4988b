"""Streams that are there for a caller."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from ad_chassis.errors import NotFound, Unavailable
from ad_chassis.eventlog.errors import LogError
from ad_chassis.security import Principal
from ad_detection.api import seen
from ad_detection.api.seen import check_stream
from ad_detection.domain.control import Control
from tests.support.fixed_view import FixedView


def caller(tenant: str = "default", *, streams: frozenset[str] | None = None) -> Principal:
    return Principal("me", tenant, frozenset(), "user", "id", streams=streams)


async def test_the_log_is_asked_only_for_a_stream_that_is_not_known() -> None:
    view = FixedView("pumps", later=("mills",))
    await check_stream(view, caller(), "pumps")
    assert view.asked == 0
    await check_stream(view, caller(), "mills")
    assert view.asked == 1


@pytest.mark.parametrize(
    "principal", [caller(), caller("acme"), caller(streams=frozenset({"fans"})), caller(streams=frozenset())]
)
async def test_what_is_none_and_what_is_not_seen_look_the_same(principal: Principal) -> None:
    view = FixedView("pumps")
    name = "gone" if principal == caller() else "pumps"
    with pytest.raises(NotFound, match=f"there is no stream '{name}'; GET /api/v1/streams lists"):
        await check_stream(view, principal, name)


async def broken() -> Control:
    raise LogError("the broker is away")


async def hanging() -> Control:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize("caught_up", [broken, hanging])
async def test_while_the_log_does_not_answer_nobody_is_told_that_there_is_none(
    monkeypatch: pytest.MonkeyPatch, caught_up: Callable[[], Awaitable[Control]]
) -> None:
    view = FixedView("pumps")
    monkeypatch.setattr(view, "caught_up", caught_up)
    monkeypatch.setattr(seen, "LOOK_SECONDS", 0.01)
    await check_stream(view, caller(), "pumps")
    with pytest.raises(Unavailable, match="whether there is a stream 'mills'"):
        await check_stream(view, caller(), "mills")
