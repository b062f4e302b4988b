"""Documents of an external provider that are good, and answers that are not."""

import asyncio

import httpx2
import pytest

from ad_auth.adapters.provider_documents import ProviderDocuments
from ad_chassis.errors import Unavailable
from tests.support.clock import Clock

WHERE = "https://idp.example/document"
GOOD = httpx2.Response(200, json={"number": 1})
NOT_GOOD = [
    httpx2.Response(429, json={"error": "slow down"}),
    httpx2.Response(404, json={"number": 1}),
    httpx2.Response(503, text="away"),
    httpx2.Response(302, headers={"Location": "https://elsewhere.example"}),
    httpx2.Response(200, text="<html>"),
    httpx2.Response(200, json=[1]),
    httpx2.Response(200, json={"number": "one"}),
]


class Provider:
    """Answers with what `answer` is, and counts how often."""

    def __init__(self) -> None:
        self.answer = GOOD
        self.asked = 0

    async def __call__(self, _: httpx2.Request) -> httpx2.Response:
        self.asked += 1
        await asyncio.sleep(0)
        return self.answer


def number(document) -> int:
    if not isinstance(document.get("number"), int):
        raise Unavailable("the document has no number")
    return document["number"]


@pytest.fixture
def clock() -> Clock:
    return Clock(1_000.0)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
async def documents(provider, clock):
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(provider)) as http:
        yield ProviderDocuments(http, clock)


async def test_a_good_document_is_kept_for_an_hour(documents, provider, clock) -> None:
    assert await documents.get(WHERE, number) == 1
    provider.answer = httpx2.Response(200, json={"number": 2})
    clock.now += 3_599
    assert await documents.get(WHERE, number) == 1
    clock.now += 1
    assert await documents.get(WHERE, number) == 2
    assert provider.asked == 2


@pytest.mark.parametrize("answer", NOT_GOOD, ids=lambda answer: f"{answer.status_code} {answer.text[:12]}")
async def test_what_is_not_good_is_kept_for_a_moment_so_that_nobody_is_flooded(
    documents, provider, clock, answer
) -> None:
    provider.answer = answer
    for _ in range(5):
        with pytest.raises(Unavailable):
            await documents.get(WHERE, number)
    assert provider.asked == 1
    provider.answer = GOOD
    clock.now += 10
    assert await documents.get(WHERE, number) == 1


async def test_of_many_at_once_one_asks(documents, provider) -> None:
    assert await asyncio.gather(*(documents.get(WHERE, number) for _ in range(10))) == [1] * 10
    assert provider.asked == 1


async def test_what_a_good_document_lacks_is_looked_for_again_but_not_for_everybody(
    documents, provider, clock
) -> None:
    await documents.get(WHERE, number)
    provider.answer = httpx2.Response(200, json={"number": 2})
    assert await documents.get(WHERE, number, anew=True) == 1
    clock.now += 10
    assert await documents.get(WHERE, number, anew=True) == 2
    assert await documents.get(WHERE, number) == 2
