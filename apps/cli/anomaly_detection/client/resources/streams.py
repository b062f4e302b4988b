"""Streams, and records into them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from anomaly_detection.client.answers import DeadLetter, Rejection, Sent, Stream
from anomaly_detection.client.bodies import Records as Body
from anomaly_detection.client.calling import call, create, new_key, pages, segment
from anomaly_detection.client.effects import Items, Steps, Work
from anomaly_detection.client.operations import Resource, Way, many, one
from anomaly_detection.client.problems import ServerError
from anomaly_detection.client.sources import Source, bodies_of

BATCH_ROWS = 5000
MOST_REJECTIONS = 100


class Streams(Resource[Way]):
    """Named sources of records."""

    @one
    def get(self, name: str) -> Steps[Stream]:
        """A stream with its schema."""
        return call("GET", _path(name))

    @one
    def create(self, /, name: str, **fields: Any) -> Steps[Stream]:
        """Makes a stream: `schema`, or `entity` and `timestamp`; `settings`, `topic`.

        Without a schema it is inferred from the first records and then fixed.
        """
        return create("/streams", {"name": name, **fields})

    @one
    def change(self, /, name: str, **fields: Any) -> Steps[Stream]:
        """Changes `settings` or `schema`; what is not named stays."""
        return call("PATCH", _path(name), json=fields)

    @one
    def delete(self, name: str) -> Steps[None]:
        return call("DELETE", _path(name))

    @one
    def partitions(self, name: str, limit: int = 1000) -> Steps[dict[str, Any]]:
        """How busy the partitions of a stream are, and which entities make them so."""
        return call("GET", f"{_path(name)}/partitions", params={"limit": limit})

    @one
    def comparison(
        self, name: str, *, since: str | None = None, until: str | None = None
    ) -> Steps[dict[str, Any]]:
        """How the challengers of a stream did beside its champion."""
        return call("GET", f"{_path(name)}/comparison", params={"from": since, "to": until})

    @many
    def entities(self, name: str, *, state: str = "cold", limit: int | None = None) -> Items[dict[str, Any]]:
        """Entities that a stream does not know well enough (`cold`), or not any more (`evicted`, `refused`)."""
        return pages(f"{_path(name)}/entities", {"state": state}, limit)

    @many
    def rejected(self, name: str, *, limit: int | None = None) -> Items[DeadLetter]:
        """Records that were not taken, the newest first."""
        return pages(f"{_path(name)}/rejected", {}, limit)

    @many
    def list(self, *, limit: int | None = None) -> Items[Stream]:
        return pages("/streams", {}, limit)


class Records(Resource[Way]):
    """What is sent into a stream."""

    @one
    def send(
        self,
        stream: str,
        source: Source,
        *,
        batch_rows: int = BATCH_ROWS,
        progress: Callable[[float], object] | None = None,
    ) -> Steps[Sent]:
        """Sends records in their order, a body after the other, each stored once however often it is sent.

        Parameters
        ----------
        stream : str
            Its name.
        source : str, Path, polars.DataFrame or iterable
            The path of a CSV, JSON, NDJSON, Parquet or Arrow file; a frame; rows as mappings; or lines of NDJSON.
            Of an iterable no more than a body is held in memory.
        batch_rows : int, default 5000
            Records of one body; fewer when they are long.
        progress : callable, optional
            Is told how much of a file is done, 0 to 1.

        Returns
        -------
        Sent
            Counts, and the first hundred rejections; rows are counted from the start of the source.
        """
        return _send(stream, source, batch_rows, progress)


def _send(
    stream: str, source: Source, batch_rows: int, progress: Callable[[float], object] | None
) -> Steps[Sent]:
    run, path = new_key(), f"{_path(stream)}/records"
    bodies = bodies_of(source, batch_rows)
    total: Sent = {"stream": stream, "rows": 0, "accepted": 0, "rejected": 0, "batches": [], "rejections": []}
    body: Body | None
    while (body := (yield Work(partial(next, bodies, None)))) is not None:
        kind = {"Content-Type": body.content_type}
        try:
            answer = yield from call(
                "POST", path, content=body.content, headers=kind, key=f"{run}-{body.start}"
            )
        except ServerError as error:
            raise _stopped(error, total) from error
        _add(total, answer)
        if progress is not None:
            progress(body.share)
    return total


def _add(total: Sent, answer: Mapping[str, Any]) -> None:
    # The server counts what it read: a lone quote in a CSV may hide line breaks from us, but not from it.
    start, rows = total["rows"], answer["accepted"] + answer["rejected"]
    total["rows"] += rows
    total["accepted"] += answer["accepted"]
    total["rejected"] += answer["rejected"]
    total["batches"].append({"batch_id": answer["batch_id"], "start": start, "rows": rows})
    room = MOST_REJECTIONS - len(total["rejections"])
    told: list[Rejection] = answer.get("rejections", [])[:room]
    total["rejections"] += [
        {"row": each["row"] + start, "field": each["field"], "reason": each["reason"]} for each in told
    ]


def _stopped(error: ServerError, total: Sent) -> ServerError:
    """The same failure, which says how far it came."""
    if total["rows"]:
        done = f"{total['accepted']} accepted, {total['rejected']} rejected"
        error.args = (f"stopped at row {total['rows']} ({done}): {error.args[0]}",)
    return error


def _path(name: str) -> str:
    return f"/streams/{segment(name)}"
