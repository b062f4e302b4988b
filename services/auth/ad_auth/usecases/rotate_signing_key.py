"""Sees to it that there is a key to sign with, and the next one in time for all verifiers to know it."""

from datetime import datetime

from ad_auth.domain.signing_keys import Schedule, due, newest, starts
from ad_auth.ports import MakeSigningKey, SigningKeys
from ad_chassis.logs import get_logger

log = get_logger("auth")


async def rotate_signing_key(
    keys: SigningKeys, make: MakeSigningKey, *, algorithm: str, now: datetime, schedule: Schedule
) -> bool:
    """Whether a key was wanted. Processes that want one at the same time end up with the same."""
    known = await keys.all()
    if not due(known, algorithm, now, schedule):
        return False
    last, signs_from = newest(known), starts(known, now, schedule)
    await keys.add(make(algorithm, last.generation + 1 if last else 1, now, signs_from))
    log.info("a new key is published", algorithm=algorithm, signs_from=signs_from.isoformat())
    return True
