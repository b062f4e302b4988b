"""Routes of the audit log. It is checked by those who read it, so that nobody has to believe us."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from ad_auth.api.schemas import AuditEntryAnswer, AuditHeadAnswer, AuditPage
from ad_auth.domain.audit import AuditFilter, Order, Outcome
from ad_auth.ports import Store
from ad_chassis.errors import BadRequest, Forbidden
from ad_chassis.http.cursors import place_of
from ad_chassis.http.moments import Moment
from ad_chassis.security import Principal, require
from ad_contracts import cursor as cursors

Reader = Annotated[Principal, require("audit:read")]
Limit = Annotated[int, Query(ge=1, le=1000)]
Cursor = Annotated[str | None, Query(max_length=128)]
Text = Annotated[str | None, Query(max_length=255, pattern=r"^[^\x00]*$")]
Since = Annotated[Moment | None, Query(description="RFC 3339 with a time zone, such as 2026-01-31T00:00:00Z")]
MOST_SEQ = 2**63 - 1


def routes(store: Store) -> APIRouter:
    router = APIRouter(prefix="/api/v1/audit", tags=["audit"])
    _add_entries(router, store)

    @router.get("/head")
    async def get_audit_head(principal: Reader) -> AuditHeadAnswer:
        """The newest entry of the chain; keep a copy elsewhere, and it will be noticed when entries go."""
        tenant = _whole(principal)
        async with store.transaction(tenant, read_only=True) as work:
            head = await work.audit_head(tenant)
        return AuditHeadAnswer(tenant=tenant, seq=head.seq, hash=head.hash, head=str(head))

    return router


def _add_entries(router: APIRouter, store: Store) -> None:
    @router.get("")
    async def list_audit_entries(
        principal: Reader,
        subject: Text = None,
        action: Text = None,
        outcome: Outcome | None = None,
        since: Annotated[Since, Query(alias="from")] = None,
        until: Annotated[Since, Query(alias="to")] = None,
        order: Order = "newest",
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> AuditPage:
        """Who did what to what, from where, with what outcome. `to` itself is left out."""
        tenant = _whole(principal)
        wanted = AuditFilter(subject, action, outcome, _zoned("from", since), _zoned("to", until))
        async with store.transaction(tenant, read_only=True) as work:
            found = await work.audit_entries(tenant, wanted, order, _place(cursor), limit)
        return AuditPage(
            items=[AuditEntryAnswer.model_validate(each) for each in found],
            next_cursor=cursors.encode(found[-1].seq) if len(found) == limit else None,
        )


def _whole(principal: Principal) -> str:
    """The log tells of everything in the tenant."""
    if principal.streams is not None:
        raise Forbidden("the audit log is for accounts that see all streams of the tenant")
    return principal.tenant


def _zoned(name: str, moment: datetime | None) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        raise BadRequest(f"{name!r} needs a time zone, such as {moment.isoformat()}Z")
    return moment


def _place(cursor: str | None) -> int | None:
    place = None if cursor is None else place_of(cursor, int)
    if place is not None and not 0 <= place <= MOST_SEQ:
        raise BadRequest("the cursor was not given out here; leave it out to start")
    return place
