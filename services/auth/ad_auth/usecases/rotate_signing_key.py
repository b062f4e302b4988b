"""Sees to it that there is a key to sign with, young enough and of the algorithm that is set."""

from datetime import datetime, timedelta

from ad_auth.domain.signing_keys import due, newest
from ad_auth.ports import MakeSigningKey, SigningKeys
from ad_chassis.logs import get_logger

log = get_logger("auth")


async def rotate_signing_key(
    keys: SigningKeys, make: MakeSigningKey, *, algorithm: str, now: datetime, max_age: timedelta
) -> bool:
    """Whether a key was wanted. Processes that want one at the same time end up with the same."""
    known = await keys.all()
    if not due(known, algorithm, now, max_age):
        return False
    current = newest(known)
    await keys.add(make(algorithm, current.generation + 1 if current else 1, now))
    log.info("tokens are signed with a new key", algorithm=algorithm)
    return True
