"""Records that were not taken, and what to do with them."""

from collections.abc import Mapping
from typing import Any

from anomaly_detection.client.answers import DeadLetter
from anomaly_detection.client.calling import call, create, given, pages, segment
from anomaly_detection.client.effects import Items, Steps
from anomaly_detection.client.operations import Resource, Way, many, one

PATH = "/rejected"
MOST_FAILURES = 100
Wanted = Mapping[str, Any]
"""Any of `stream`, `reason`, `field`, `source`, `state`, `from` and `to`."""


class DeadLetters(Resource[Way]):
    """Filters are mappings: `{"stream": "pumps", "state": "open"}`."""

    @one
    def get(self, letter_id: str) -> Steps[DeadLetter]:
        """A dead letter with its headers and its place."""
        return call("GET", _path(letter_id))

    @one
    def summary(self, wanted: Wanted | None = None) -> Steps[dict[str, Any]]:
        """What is wrong and how often, by stream and kind of reason."""
        return call("GET", f"{PATH}/summary", params=wanted)

    @one
    def replay(self, /, letter_id: str, **fields: Any) -> Steps[dict[str, Any]]:
        """Sends one again: `raw` and `raw_encoding` correct it, `stream` redirects it; `dry_run`, `force`."""
        return create(f"{_path(letter_id)}/replay", given(fields))

    @one
    def replay_all(
        self, wanted: Wanted | None = None, *, dry_run: bool = False, force: bool = False
    ) -> Steps[dict[str, Any]]:
        """Sends all that are wanted again, each once; those that would be rejected again stay."""
        return _replayed({**(wanted or {}), "dry_run": dry_run, "force": force})

    @one
    def purge(
        self, wanted: Wanted | None = None, *, everything: bool = False, dry_run: bool = False
    ) -> Steps[dict[str, Any]]:
        """Forgets those that are wanted for good; all of them only with `everything`."""
        query = {**(wanted or {}), "everything": everything, "dry_run": dry_run}
        return call("DELETE", PATH, params=query)

    @one
    def delete(self, letter_id: str) -> Steps[None]:
        """Forgets one for good."""
        return call("DELETE", _path(letter_id))

    @many
    def list(self, wanted: Wanted | None = None, *, limit: int | None = None) -> Items[DeadLetter]:
        """Dead letters, the newest first."""
        return pages(PATH, wanted or {}, limit)


def _path(letter: str) -> str:
    return f"{PATH}/" + "/".join(segment(part) for part in letter.split("/"))


def _replayed(body: dict[str, Any]) -> Steps[dict[str, Any]]:
    """Page after page; no further than there was at the beginning, for what fails again is new."""
    total: int | None = None
    found: dict[str, Any] = {"dry_run": body["dry_run"], "replayed": 0, "failed": 0, "failures": []}
    while True:
        page = yield from create(f"{PATH}/replay", body)
        for name in ("replayed", "failed", "failures"):
            found[name] += page[name]
        seen = found["replayed"] + found["failed"]
        total = seen + page["remaining"] if total is None else total
        if page["next_cursor"] is None or seen >= total:
            return found | {"failures": found["failures"][:MOST_FAILURES]}
        body = body | {"cursor": page["next_cursor"]}
