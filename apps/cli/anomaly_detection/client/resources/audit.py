"""The audit log."""

from anomaly_detection.client.access_answers import AuditEntry, AuditHead
from anomaly_detection.client.calling import call, pages
from anomaly_detection.client.effects import Items, Steps
from anomaly_detection.client.operations import Resource, Way, many, one


class Audit(Resource[Way]):
    """Who did what to what, from where, with what outcome."""

    @one
    def head(self) -> Steps[AuditHead]:
        """The newest entry."""
        return call("GET", "/audit/head")

    @many
    def list(
        self,
        *,
        subject: str | None = None,
        action: str | None = None,
        outcome: str | None = None,
        since: str | None = None,
        until: str | None = None,
        order: str | None = None,
        limit: int | None = None,
    ) -> Items[AuditEntry]:
        """Entries, the newest first unless `order` is `oldest`."""
        query = {"subject": subject, "action": action, "outcome": outcome, "from": since, "to": until}
        return pages("/audit", {**query, "order": order}, limit)
