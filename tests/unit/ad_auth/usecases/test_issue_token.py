"""Access tokens are recorded first and signed after that."""

from datetime import timedelta

from joserfc import jws

from ad_chassis.database import EVERY_TENANT
from ad_chassis.security import Principal
from ad_chassis.security.jwks import JwksSource
from ad_chassis.security.permissions import expanded
from ad_chassis.security.verifier import TokenVerifier


async def test_what_is_issued_passes_the_verifier_and_is_recorded(store, issuer, now) -> None:
    async with store.transaction(EVERY_TENANT) as work:
        caller = Principal("k1", "default", expanded({"write", "read"}), "api_key")
        principal = await issuer.record(work, caller, now)
    grant = await issuer.grant(principal, now)
    assert (grant.expires_in, grant.scope, grant.refresh_token) == (900, "read write", None)
    assert jws.extract_compact(grant.access_token.encode()).headers()["typ"] == "at+jwt"
    verifier = TokenVerifier(
        JwksSource(lambda: issuer.signer.key_set(now)), issuer="here", audience="here", clock=now.timestamp
    )
    found = await verifier.verify(grant.access_token)
    assert (found.subject, found.kind, found.token_id) == ("k1", "api_key", principal.token_id)
    async with store.transaction(EVERY_TENANT) as work:
        recorded = await work.revoke_tokens("default", "subject", "k1", now)
    assert [(each.id, each.expires_at) for each in recorded] == [
        (principal.token_id, now + timedelta(minutes=15))
    ]


async def test_what_is_printed_of_a_grant_holds_no_token(store, issuer, now) -> None:
    async with store.transaction(EVERY_TENANT) as work:
        principal = await issuer.record(work, Principal("k1", "default", expanded({"read"}), "api_key"), now)
    grant = await issuer.grant(principal, now, "REFRESH")
    assert "eyJ" not in repr(grant)
    assert "REFRESH" not in repr(grant)
