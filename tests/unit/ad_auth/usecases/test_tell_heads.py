"""Heads of the audit log stand in the logs, too."""

from structlog.testing import capture_logs

from ad_auth.usecases.tell_heads import AuditHeads
from ad_chassis.database import EVERY_TENANT
from tests.specs.audit_log import event


async def test_the_head_of_every_chain_that_has_grown_is_told(store, now) -> None:
    heads = AuditHeads(store)
    with capture_logs() as logs:
        await heads.tell(now)
        async with store.transaction(EVERY_TENANT) as work:
            await work.chain([event(1), event(2, tenant="acme")])
        await heads.tell(now)
        async with store.transaction(EVERY_TENANT) as work:
            await work.chain([event(3)])
            last = await work.audit_head("default")
        await heads.tell(now)
        await heads.tell(now)
    told = [(line["tenant"], line["seq"]) for line in logs if line["event"] == "audit head"]
    assert sorted(told) == [("acme", 1), ("default", 1), ("default", 2)]
    assert logs[-1]["hash"] == last.hash
