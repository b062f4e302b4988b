"""The same key has one effect and one answer."""

import asyncio

import pytest

from ad_chassis.cache import MemoryCache
from ad_chassis.errors import Conflict, Unprocessable
from ad_gateway.adapters.keyed_answers import CachedAnswers
from ad_gateway.usecases.answer_once import Answer, answer_once

MADE = Answer(201, (("location", "/users/7"),), b'{"id": 7}')


class Service:
    """Counts what it did."""

    def __init__(self, answer: Answer = MADE) -> None:
        self.answer = answer
        self.done = 0

    async def __call__(self) -> Answer:
        self.done += 1
        return self.answer


@pytest.fixture
def answers() -> CachedAnswers:
    return CachedAnswers(MemoryCache())


async def test_the_second_call_gets_the_first_answer_and_has_no_effect(answers: CachedAnswers) -> None:
    service = Service()
    assert await answer_once(answers, "p", "same", service) == MADE
    assert await answer_once(answers, "p", "same", service) == MADE._replace(repeated=True)
    assert service.done == 1


async def test_the_same_key_with_another_body_is_unprocessable(answers: CachedAnswers) -> None:
    await answer_once(answers, "p", "one", Service())
    with pytest.raises(Unprocessable, match="another request"):
        await answer_once(answers, "p", "other", Service())


async def test_a_call_while_the_first_runs_is_in_conflict(answers: CachedAnswers) -> None:
    begun, end = asyncio.Event(), asyncio.Event()

    async def slow() -> Answer:
        begun.set()
        await end.wait()
        return MADE

    first = asyncio.create_task(answer_once(answers, "p", "same", slow))
    await begun.wait()
    with pytest.raises(Conflict, match="has not ended") as raised:
        await answer_once(answers, "p", "same", Service())
    assert raised.value.headers["Retry-After"]
    end.set()
    assert await first == MADE


async def test_what_failed_may_be_tried_again(answers: CachedAnswers) -> None:
    refused = Service(Answer(422, (), b"no"))
    assert (await answer_once(answers, "p", "same", refused)).status == 422
    assert await answer_once(answers, "p", "same", Service()) == MADE


async def test_what_broke_off_may_have_had_its_effect(answers: CachedAnswers) -> None:
    async def broken() -> Answer:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await answer_once(answers, "p", "same", broken)
    with pytest.raises(Conflict):
        await answer_once(answers, "p", "same", Service())


@pytest.mark.parametrize("secret", [True, False])
async def test_an_answer_with_a_secret_or_a_large_one_is_not_kept_and_not_made_twice(
    answers: CachedAnswers, secret: bool
) -> None:
    service = Service(MADE._replace(body=b"ad_key_secret" if secret else b"x" * 70_000))
    await answer_once(answers, "p", "same", service, secret=secret)
    with pytest.raises(Conflict, match="not kept"):
        await answer_once(answers, "p", "same", service, secret=secret)
    assert service.done == 1
    kept = [value for value, _ in answers._cache._entries.values()]  # type: ignore[attr-defined] # of a MemoryCache
    assert kept
    assert all(b"ad_key_secret" not in value and len(value) < 1000 for value in kept)
