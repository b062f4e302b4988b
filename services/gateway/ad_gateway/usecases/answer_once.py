"""A call with an Idempotency-Key has its effect once, and the same answer each time."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from ad_chassis.errors import Conflict, Unprocessable
from ad_gateway.domain.keyed import MOST_KEPT_BYTES, KeptAnswer, is_final
from ad_gateway.ports import KeyedAnswers

Pairs = tuple[tuple[str, str], ...]


class Answer(NamedTuple):
    """A whole answer; `repeated` when it was given before."""

    status: int
    headers: Pairs
    body: bytes
    repeated: bool = False


async def answer_once(
    answers: KeyedAnswers,
    place: str,
    fingerprint: str,
    ask: Callable[[], Awaitable[Answer]],
    *,
    secret: bool = False,
) -> Answer:
    """Asks unless it was asked before; a key that served for something else is `Unprocessable`.

    A call that broke off may have had its effect, so its note stays until it is forgotten, and calls meanwhile
    are in `Conflict` with it.
    """
    before = await answers.claim(place, KeptAnswer(fingerprint))
    if before is not None:
        return _again(before, fingerprint)
    answer = await ask()
    if not is_final(answer.status):
        await answers.forget(place)
        return answer
    secret = secret or len(answer.body) > MOST_KEPT_BYTES
    await answers.keep(
        place,
        KeptAnswer(
            fingerprint,
            "answered in secret" if secret else "answered",
            answer.status,
            () if secret else answer.headers,
            b"" if secret else answer.body,
        ),
    )
    return answer


def _again(before: KeptAnswer, fingerprint: str) -> Answer:
    if before.fingerprint != fingerprint:
        raise Unprocessable("this Idempotency-Key was used for another request; take a new key for a new one")
    if before.state == "running":
        raise Conflict(
            "the first call with this Idempotency-Key has not ended, or broke off; try again in a minute",
            headers={"Retry-After": "1"},
        )
    if before.state == "answered in secret":
        raise Conflict("it was done by the first call with this Idempotency-Key, whose answer is not kept")
    return Answer(before.status, before.headers, before.body, repeated=True)
