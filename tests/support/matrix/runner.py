"""Tries every attack on a route, at the gateway and at the service behind it."""

import json
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx2

from ad_auth.domain.roles import ROLES
from ad_chassis.security.permissions import PERMISSIONS, SCOPES
from tests.support.matrix.attacks import forged
from tests.support.matrix.row import GOOD, Call, Fate, Row, entitled
from tests.support.matrix.world import ATTACKER, ELSEWHERE, STREAM, VICTIM, World

OF_TENANTS = frozenset(PERMISSIONS) - SCOPES["platform"]
STATUS: dict[Fate, frozenset[int]] = {"hidden": frozenset({404}), "refused": frozenset({403})}
LOWER_ROLES = ("viewer", "analyst", "operator")
OPEN, CALLER = "nobody needs a token", "whoever has a token"


@dataclass(frozen=True)
class Route:
    service: str
    method: str
    path: str
    permission: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Matrix:
    """Who attacks, and what came of it."""

    world: World
    bad_tokens: dict[str, str | None]
    bound: str
    roles: dict[str, str]
    cells: int = 0
    holes: list[str] = field(default_factory=list)
    lacking: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, world: World) -> "Matrix":
        bound = await world.token(VICTIM, OF_TENANTS, [ELSEWHERE])
        roles = {name: await world.token(VICTIM, ROLES[name]) for name in LOWER_ROLES}
        return cls(world, await forged(world), bound, roles)

    async def attack(self, route: Route, row: Row) -> list[str]:
        """The holes of a route: attacks whose answer was another one than it must be."""
        before = len(self.holes)
        for door in dict.fromkeys(("gateway", route.service)):
            if row.by == "anybody":
                await self._ignored_tokens(door, route, row)
            else:
                await self._attacks(door, route, row)
        return self.holes[before:]

    async def _attacks(self, door: str, route: Route, row: Row) -> None:
        call = await row.make(self.world)
        for name, token in self.bad_tokens.items():
            await self._cell(door, route, call, name, token, {401})
        await self._a_tenant_of_its_choice(door, route, row, await row.make(self.world))
        if route.permission != CALLER:
            lacking = await self._without(route.permission)
            await self._cell(door, route, call, "all permissions but this one", lacking, {403})
            for name, token in self.roles.items():
                if route.permission not in ROLES[name]:
                    await self._cell(door, route, call, f"as {name}", token, {403})
        call = await self._of_others(door, route, row, call, "another tenant's", self.world.tokens[ATTACKER])
        call = await self._of_others(door, route, row, call, "bound to another stream", self.bound)
        # What was attacked must be there still, or the refusals would say nothing.
        await self._cell(door, route, call, "the one who may", entitled(self.world, row, call), row.good)

    async def _a_tenant_of_its_choice(self, door: str, route: Route, row: Row, call: Call) -> None:
        """Services refuse it; the gateway lets nobody say it."""
        fate = row.foreign if door == "gateway" != route.service else "refused"
        headers, name = {"X-Tenant": VICTIM}, "a tenant of its choice"
        token = self.world.tokens[ATTACKER]
        answer = await self._cell(door, route, call, name, token, STATUS.get(fate, GOOD), headers)
        unseen = row.unseen or VICTIM
        if fate == "apart" and unseen in answer and not _sent(call, unseen):
            self._hole(door, route, name, f"the answer tells of {unseen}: {answer[:300]}")

    async def _of_others(self, door: str, route: Route, row: Row, call: Call, name: str, token: str) -> Call:
        foreign = token == self.world.tokens[ATTACKER]
        fate = row.foreign if foreign else row.bound
        unseen = (row.unseen or VICTIM) if foreign else STREAM
        answer = await self._cell(door, route, call, name, token, STATUS.get(fate, GOOD))
        if fate == "apart" and unseen in answer and not _sent(call, unseen):
            self._hole(door, route, name, f"the answer tells of {unseen}: {answer[:300]}")
        # Who may share it may have used it up.
        return await row.make(self.world) if fate == "shared" else call

    async def _ignored_tokens(self, door: str, route: Route, row: Row) -> None:
        for name, token in self.bad_tokens.items():
            # Whoever sends a token means it: one that is wrong may be refused where none is needed.
            wanted = row.good if token is None else row.good | {401}
            answer = await self._cell(door, route, await row.make(self.world), name, token, wanted)
            if STREAM in answer:
                self._hole(door, route, name, f"the answer tells of {STREAM}")

    async def _without(self, permission: str) -> str:
        if permission not in self.lacking:
            self.lacking[permission] = await self.world.token(VICTIM, OF_TENANTS - {permission})
        return self.lacking[permission]

    async def _cell(
        self,
        door: str,
        route: Route,
        call: Call,
        name: str,
        token: str | None,
        wanted: "frozenset[int] | set[int]",
        headers: dict[str, str] | None = None,
    ) -> str:
        self.cells += 1
        headers = dict(headers or {}) | ({} if token is None else {"Authorization": f"Bearer {token}"})
        status, text = await sent(self.world.doors[door], route, call, headers)
        if status not in wanted:
            self._hole(door, route, name, f"{status}, must be one of {sorted(wanted)}: {text[:300]}")
        return text

    def _hole(self, door: str, route: Route, name: str, what: str) -> None:
        self.holes.append(f"{route} at {door}, {name}: {what}")


def _sent(call: Call, word: str) -> bool:
    return word in json.dumps([dict(call.names), call.body, dict(call.query or {})])


async def sent(
    door: httpx2.AsyncClient, route: Route, call: Call, headers: dict[str, str]
) -> tuple[int, str]:
    path = route.path
    for name, value in call.names.items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe="/"))
    request = door.build_request(
        route.method,
        path,
        headers=headers | dict(call.headers),
        params=dict(call.query or {}),
        **({"json": call.body} if call.body is not None else {}),
        **({"content": call.content} if call.content is not None else {}),
        **({"data": call.form} if call.form is not None else {}),
    )
    answer = await door.send(request, stream=True)
    try:
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            return answer.status_code, await anext(answer.aiter_text())
        return answer.status_code, (await answer.aread()).decode("latin-1")
    finally:
        await answer.aclose()
