"""Gives a code to who signed in at the authorization endpoint; the client exchanges it for tokens."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ad_auth.domain.accounts import User
from ad_auth.domain.authorization import CODE_PREFIX, Asked, Code
from ad_auth.domain.credentials import digest, new_secret
from ad_auth.ports import Transaction

# RFC 6749 section 4.1.2 says ten minutes at most; a browser that follows a redirect needs none.
CODE_LIFETIME = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class CodeGiver:
    asked: Asked

    async def give(self, work: Transaction, user: User, now: datetime) -> Callable[[], Awaitable[str]]:
        text = CODE_PREFIX + new_secret()
        asked = self.asked
        await work.add_code(
            Code(
                user.tenant,
                digest(text),
                user.id,
                asked.client.id,
                asked.redirect_uri,
                asked.challenge,
                now,
                now + CODE_LIFETIME,
            )
        )

        async def answer() -> str:
            return text

        return answer
