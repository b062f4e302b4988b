"""What is there for a caller who is bound to streams."""

from ad_chassis.errors import Forbidden, NotFound
from ad_chassis.security import Principal
from ad_ingestion.domain.dead_letters import DeadLetter
from ad_ingestion.domain.streams import StreamKey
from ad_ingestion.ports import Store
from ad_ingestion.usecases.find_stream import no_stream


def key_of(principal: Principal, name: str) -> StreamKey:
    """The key of a stream; one that the caller does not see is as good as none."""
    if not principal.sees(name):
        raise no_stream(name)
    return principal.tenant, name


def check_new(principal: Principal, name: str) -> None:
    """Says no more than the caller knows, whether there is such a stream or not."""
    if principal.streams is not None and name not in principal.streams:
        yours = ", ".join(sorted(principal.streams))
        raise Forbidden(f"you are bound to streams and {name!r} is none of them; they are {yours}")


async def letter_of(store: Store, principal: Principal, event_id: str) -> DeadLetter:
    """A dead letter of a stream that the caller sees."""
    async with store.transaction(principal.tenant, read_only=True) as work:
        letter = await work.dead_letter(principal.tenant, event_id)
    if letter is None or not principal.sees(letter.event.stream):
        raise NotFound(
            f"there is no dead letter {event_id[:200]!r}; GET /api/v1/rejected lists those there are"
        )
    return letter
