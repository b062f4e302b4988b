"""Codes of the authorization endpoint."""

from datetime import timedelta

from ad_auth.domain.credentials import digest
from ad_auth.usecases.give_code import CodeGiver
from ad_auth.usecases.open_session import open_session
from ad_chassis.database import EVERY_TENANT
from tests.support.oauth import CALLBACK, challenge_of, wanted


async def test_rfc6749_10_5_a_code_lives_for_a_minute_and_only_its_digest_is_stored(
    store, add_user, now
) -> None:
    user = await add_user()
    text = await open_session(store, CodeGiver(wanted()), user, None, now)
    async with store.transaction(EVERY_TENANT) as work:
        assert await work.code(text) is None
        code = await work.code(digest(text))
    assert code is not None
    assert (code.user_id, code.client_id, code.redirect_uri) == (user.id, "cli", CALLBACK)
    assert code.challenge == challenge_of("v" * 43)
    assert (code.expires_at, code.used_at) == (now + timedelta(seconds=60), None)
