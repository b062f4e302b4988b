"""Nobody gives, changes or takes away more than they have themselves."""

from collections.abc import Collection

from ad_chassis.errors import Forbidden
from ad_chassis.logs import security_event
from ad_chassis.security import Principal
from ad_chassis.security.permissions import scopes_of

SHOWN = 10


def check_giving(by: Principal, permissions: Collection[str], streams: Collection[str] | None = None) -> None:
    """Raises `Forbidden` unless the caller has all of these permissions in all of these streams.

    It guards what an account has before a change as much as what it gets: who may set the password or the secret of
    an account with more permissions than their own has these permissions too.
    """
    if missing := frozenset(permissions) - by.permissions:
        raise _refused(
            by, f"permissions that you do not have yourself: {', '.join(scopes_of(missing)[:SHOWN])}"
        )
    if by.streams is not None and (streams is None or not by.streams.issuperset(streams)):
        raise _refused(by, f"streams that you do not see yourself; yours are {', '.join(sorted(by.streams))}")


def _refused(by: Principal, what: str) -> Forbidden:
    security_event("escalation refused", subject=by.subject, tenant=by.tenant, reason=what)
    return Forbidden(f"you can neither give nor change {what}")
