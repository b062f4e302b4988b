"""Texts that mean something to a database, a log, a browser, a shell or a spreadsheet, put into every place for one."""

import asyncio
import io
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx2

from tests.support.matrix.documents import OF_EVERYBODY
from tests.support.matrix.fields import Spot, operation_of, put, spots
from tests.support.matrix.row import Call, entitled
from tests.support.matrix.rows import ROWS
from tests.support.matrix.runner import Route
from tests.support.matrix.world import World

MARK = "zq7mark"
SCRIPT = f"<script>alert('{MARK}')</script>"
"""In each text, so that it is known again wherever it turns up."""
FORGED = "forged by a caller"
TEXTS: Mapping[str, str] = {
    "SQL quote": f"{MARK}' OR '1'='1' --",
    "SQL union": f"{MARK}') UNION SELECT jwk, jwk FROM signing_keys; --",
    "NUL": f"{MARK}\x00.json",
    "header": f"{MARK}\r\nX-Injected: yes\r\n\r\n<html>",
    "template": MARK + "{{7*7}}${7*7}#{7*7}${jndi:ldap://127.0.0.1:1/x}%(password)s{0.__class__}",
    "script": f'{SCRIPT}"><img src=x onerror=alert(1)>',
    "path": f"../../../../etc/passwd/{MARK}",
    "wildcards": "%_%",
    "long": MARK * 1_500,
    "right to left": f"{MARK}\u202egnp.exe\u2066",
    "surrogate": f"{MARK}\ud800",
    "log line": f'{MARK}\n{{"event": "{FORGED}", "level": "info"}}\u2028{{"event": "{FORGED}"}}\x1b[2J',
    "formula": f"=cmd|' /C {MARK}'!A0",
}
INSIDE = (
    "Traceback (most recent",
    "sqlalchemy",
    "sqlite3.",
    "asyncpg",
    "syntax error at",
    "no such column",
    '.py"',
)
"""What an answer never tells."""
ENDLESS = "text/event-stream"


@dataclass
class Injections:
    world: World
    log: io.StringIO
    texts: Mapping[str, str]
    cells: int = 0
    taken: int = 0
    """Answers of 2xx: some texts are good ones."""
    holes: list[str] = field(default_factory=list)
    sent: set[str] = field(default_factory=set)
    """Ids of requests."""
    numbers: Any = field(default_factory=itertools.count)

    async def attack(self, route: Route) -> list[str]:
        before = len(self.holes)
        call = await ROWS[str(route)].make(self.world)
        for spot in spots(route, call):
            for name, text in self.texts.items():
                answer = await self._cell(route, call, spot, name, text)
                if answer.is_success and route.method != "GET":
                    # What was made is there, what was taken away is not: the next try needs another.
                    call = await ROWS[str(route)].make(self.world)
        return self.holes[before:]

    async def _cell(self, route: Route, call: Call, spot: Spot, name: str, text: str) -> httpx2.Response:
        self.cells += 1
        request = self._request(route, call, spot, text)
        answer = await answered(self.world, request)
        self.taken += answer.is_success
        if counted(route):
            self.sent.add(request.headers["x-request-id"])
        for hole in [*_told(route, answer), *_found_by(route, spot, answer)]:
            self.holes.append(f"{route}, {spot}, {name}: {hole}")
        if answer.is_success and spot.where == "body":
            stored = [answer, *await self._read_back(route, request, answer)]
            found = [hole for each in stored for hole in _changed(each, spot, text)]
            self.holes += [f"{route}, {spot}, {name}: {hole}" for hole in found]
        return answer

    async def _read_back(
        self, route: Route, request: httpx2.Request, answer: httpx2.Response
    ) -> list[httpx2.Response]:
        """What was made or changed, as it is read afterwards."""
        place = answer.headers.get("location")
        if place is None and route.method in ("PUT", "PATCH"):
            place = request.url.path
        if place is None:
            return []
        headers = {"Authorization": request.headers["authorization"]}
        found = await self.world.doors["gateway"].get(place, headers=headers)
        return [found] if found.is_success else []

    def _request(self, route: Route, call: Call, spot: Spot, text: str) -> httpx2.Request:
        names = {name: str(value) for name, value in call.names.items()}
        query = {name: str(value) for name, value in (call.query or {}).items()}
        options: dict[str, Any] = {}
        if spot.where == "path":
            names |= {spot.name: text}
        elif spot.where == "query":
            query |= {spot.name: text}
        if call.form is not None:
            form = dict(call.form) | ({spot.name: text} if spot.where == "form" else {})
            options = {
                "content": _encoded(form),
                "headers": {"Content-Type": "application/x-www-form-urlencoded"},
            }
        elif call.body is not None:
            body = put(call.body, spot.path, text) if spot.where == "body" else call.body
            options = {"content": json.dumps(body), "headers": {"Content-Type": "application/json"}}
        elif call.content is not None:
            options = {"content": call.content}
        path = route.path.format(**{name: _quoted(value) for name, value in names.items()})
        token = entitled(self.world, ROWS[str(route)], call)
        own = {"Authorization": f"Bearer {token}", "X-Request-ID": f"cell-{next(self.numbers)}"}
        headers = options.pop("headers", {}) | dict(call.headers) | own
        address = f"{path}?{_encoded(query)}" if query else path
        return self.world.doors["gateway"].build_request(route.method, address, headers=headers, **options)


async def answered(world: World, request: httpx2.Request) -> httpx2.Response:
    """With its body, unless that is without an end."""
    async with asyncio.timeout(30):
        answer = await world.doors["gateway"].send(request, stream=True)
        if is_endless(answer):
            await anext(answer.aiter_raw())
        else:
            await answer.aread()
        await answer.aclose()
    return answer


def is_endless(answer: httpx2.Response) -> bool:
    return answer.headers.get("content-type", "").startswith(ENDLESS)


def lines_of(log: io.StringIO) -> list[dict[str, Any]]:
    """Fails where a line is not one object of JSON."""
    return [json.loads(line) for line in log.getvalue().split("\n") if line]


def counted(route: Route) -> bool:
    """Whether its requests have a line in the log."""
    return not route.path.startswith(OF_EVERYBODY)


def _documented(route: Route, status: int) -> set[str]:
    """How a refusal is told: to programs as a problem, to people on a page."""
    responses = operation_of(route)["responses"]
    return set(responses.get(str(status), responses["default"])["content"])


def _told(route: Route, answer: httpx2.Response) -> list[str]:
    text = "" if is_endless(answer) else answer.text
    holes = [f"{answer.status_code}: {text[:300]}"] if answer.status_code >= 500 else []
    holes += [f"the answer tells of {each!r}: {text[:600]}" for each in INSIDE if each in text]
    if "x-injected" in answer.headers:
        holes.append("a header of the caller's")
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if answer.is_error and kind not in _documented(route, answer.status_code):
        holes.append(f"{answer.status_code} as {kind}")
    if kind == "text/html" and SCRIPT in text:
        holes.append(f"a page with a script of the caller's: {text[:600]}")
    if answer.headers["x-content-type-options"] != "nosniff":
        holes.append("a browser may guess what it is")
    return holes


def _found_by(route: Route, spot: Spot, answer: httpx2.Response) -> list[str]:
    """Nothing bears such a name, so a filter by it that finds something was understood as something else."""
    if not answer.is_success or spot.where != "query" or spot.name in ("key", "confirm", "cursor"):
        return []
    if answer.headers["content-type"] != "application/json":
        return []
    items = answer.json().get("items", [])
    return [f"a filter that fits nothing finds {len(items)}"] if items else []


def _changed(answer: httpx2.Response, spot: Spot, text: str) -> list[str]:
    """What comes back where it was put is what was put there."""
    if answer.headers.get("content-type") != "application/json":
        return []
    found = answer.json()
    for step in spot.path:
        try:
            found = found[step]
        except (KeyError, IndexError, TypeError):
            return []
    return [] if found == text else [f"{found!r} came back for {text!r}"]


def _encoded(pairs: Mapping[str, str]) -> str:
    return urlencode({name: value.encode("utf-8", "surrogatepass") for name, value in pairs.items()})


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")
