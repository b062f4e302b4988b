"""Anomalies and their episodes: those that are kept, and those that arrive."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from anomaly_detection.client.answers import Anomaly, Episode, Kind, Severity
from anomaly_detection.client.calling import call, pages, segment
from anomaly_detection.client.effects import Items, Steps
from anomaly_detection.client.operations import Driver, Resource, Way, many, one

if TYPE_CHECKING:
    from anomaly_detection.client.address import Address
    from anomaly_detection.client.signature import Signature

Names = str | Sequence[str] | None


class Anomalies(Resource[Way]):
    """What was found."""

    def __init__(self, driver: Driver, address: "Address", signature: "Signature") -> None:
        super().__init__(driver)
        self._address, self._signature = address, signature

    @one
    def get(self, anomaly_id: str) -> Steps[Anomaly]:
        """An anomaly by its id."""
        return call("GET", f"/anomalies/{segment(anomaly_id)}")

    @many
    def follow(
        self,
        *,
        stream: Names = None,
        entity: Names = None,
        model: Names = None,
        kind: Kind | None = None,
        severity: Severity | str | None = None,
        note: Callable[[str], object] | None = None,
    ) -> Items[Anomaly]:
        """Anomalies from now on, as they are found, until you stop.

        A connection that is lost is made again and goes on where it was cut: none is missed and none comes twice.
        Only the first one must succeed. A token that ends is followed by another in time.

        Parameters
        ----------
        stream, entity, model : str or sequence of str, optional
            Only of these.
        kind : {"record", "silence"}, optional
            Only of this kind.
        severity : {"low", "medium", "high", "critical"}, optional
            The lowest to tell.
        note : callable, optional
            Is told in a line when the feed is open (`connected`), lost and back.
        """
        from anomaly_detection.client.feed import Feed

        wanted = {"stream": stream, "entity": entity, "model": model, "kind": kind, "severity": severity}
        query = {
            name: [value] if isinstance(value, str) else value for name, value in wanted.items() if value
        }
        feed = Feed(self._address.url, self._address.feed, self._signature, query, note or _nothing)
        return feed.anomalies()

    @many
    def list(
        self,
        *,
        stream: str | None = None,
        entity: str | None = None,
        severity: Severity | str | None = None,
        kind: Kind | str | None = None,
        episode: str | None = None,
        since: str | None = None,
        until: str | None = None,
        superseded: bool | None = None,
        limit: int | None = None,
    ) -> Items[Anomaly]:
        """Those that are kept, the newest first; `severity` is the lowest."""
        query = {"stream": stream, "entity": entity, "severity": severity, "kind": kind, "episode": episode}
        return pages("/anomalies", {**query, "from": since, "to": until, "superseded": superseded}, limit)


class Episodes(Resource[Way]):
    """Consecutive anomalies of an entity as one."""

    @one
    def get(self, episode_id: str) -> Steps[Episode]:
        """An episode by its id."""
        return call("GET", f"/episodes/{segment(episode_id)}")

    @many
    def list(
        self,
        *,
        stream: str | None = None,
        entity: str | None = None,
        severity: Severity | str | None = None,
        kind: Kind | str | None = None,
        since: str | None = None,
        until: str | None = None,
        superseded: bool | None = None,
        limit: int | None = None,
    ) -> Items[Episode]:
        """Episodes, the one that began last first; `severity` is the lowest peak."""
        query = {"stream": stream, "entity": entity, "severity": severity, "kind": kind}
        return pages("/episodes", {**query, "from": since, "to": until, "superseded": superseded}, limit)


def _nothing(_text: Any) -> None:
    """For who wants no notes."""
