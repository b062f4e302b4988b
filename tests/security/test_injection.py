"""Texts that mean something to somebody, in every field of every operation: they stay texts."""

import asyncio
import csv
import io
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl
import pytest
from pydantic import SecretStr

from ad_chassis.settings import DatabaseSettings
from tests.e2e.test_distributed import new_database
from tests.support.matrix.documents import documented
from tests.support.matrix.injections import (
    FORGED,
    MARK,
    TEXTS,
    Injections,
    answered,
    counted,
    is_endless,
    lines_of,
)
from tests.support.matrix.runner import Route
from tests.support.matrix.world import ATTACKER, STREAM, VICTIM, World, running_world
from tests.support.replays import rows

ROUTES = sorted(set(documented()), key=str)
LISTS = [route for route in ROUTES if route.method == "GET" and "{" not in route.path and counted(route)]
UNSTORABLE = ("surrogate",)
"""No text at all: a record with it is refused."""
READERS: dict[str, Callable[[bytes], list[dict[str, Any]]]] = {
    "json": lambda content: json.loads(content)["items"],
    "csv": lambda content: list(csv.DictReader(io.StringIO(content.decode(), newline=""))),
    "arrow": lambda content: pl.read_ipc_stream(content).to_dicts(),
}
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def log() -> io.StringIO:
    return io.StringIO()


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, log: io.StringIO, postgres_server: str
) -> AsyncIterator[World]:
    """On PostgreSQL, which takes less than SQLite does: no NUL, no moment before the year 1, no large number."""
    database = DatabaseSettings(url=SecretStr(await new_database(postgres_server)))
    async with running_world(tmp_path_factory.mktemp("world"), log, database=database) as world:
        yield world


@dataclass(frozen=True)
class Trap:
    """An address that nobody has a reason to call."""

    url: str
    callers: list[object]


@pytest.fixture(scope="module")
async def trap() -> AsyncIterator[Trap]:
    callers: list[object] = []

    async def called(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        callers.append(writer.get_extra_info("peername"))
        writer.close()

    server = await asyncio.start_server(called, "127.0.0.1", 0)
    async with server:
        yield Trap(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/{MARK}", callers)


@pytest.fixture(scope="module")
def injections(world: World, log: io.StringIO, trap: Trap, attacked: list[str]) -> Iterator[Injections]:
    injections = Injections(world, log, {**TEXTS, "address": trap.url})
    yield injections
    attacked.append(
        f"injections, {len(ROUTES)} routes, {len(injections.texts)} texts, {injections.cells} cells of which"
        f" {injections.taken} were taken, {len(injections.holes)} holes"
    )


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_a_text_stays_a_text(injections: Injections, route: Route) -> None:
    assert await injections.attack(route) == []


async def test_no_address_that_was_sent_is_called(injections: Injections, trap: Trap) -> None:
    await injections.attack(ROUTES[0])
    assert trap.callers == []


async def test_what_is_stored_comes_back_as_it_was_sent(world: World) -> None:
    path = f"/streams/{STREAM}/records"
    texts = {name: text for name, text in TEXTS.items() if name not in UNSTORABLE}
    sent = [row | {"sensor": text} for row, text in zip(rows(len(texts)), texts.values(), strict=True)]
    await world.post(path, sent)
    headers = {"Authorization": f"Bearer {world.tokens[VICTIM]}"}
    for form, read in READERS.items():
        query = {"format": form, "latest": "true", "limit": str(len(sent))}
        answer = await world.doors["gateway"].get(f"/api/v1{path}", params=query, headers=headers)
        found = [row["sensor"] for row in read(answer.content)]
        assert sorted(found) == sorted(texts.values()), form


async def test_no_other_tenant_sees_a_word_of_it(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.tokens[ATTACKER]}"}
    for route in LISTS:
        # Their own log tells what they themselves tried.
        query = {"stream": STREAM} if route.path == "/api/v1/scores" else {}
        request = world.doors["gateway"].build_request("GET", route.path, params=query, headers=headers)
        answer = await answered(world, request)
        assert MARK not in ("" if is_endless(answer) else answer.text), route


async def test_the_log_has_one_line_for_each_request_and_none_that_a_caller_wrote(
    injections: Injections, log: io.StringIO
) -> None:
    await injections.attack(ROUTES[0])
    lines = lines_of(log)
    requests = Counter(
        line["request_id"] for line in lines if (line["event"], line.get("service")) == ("request", "gateway")
    )
    assert injections.sent
    assert {each: requests[each] for each in injections.sent if requests[each] != 1} == {}
    assert [line for line in lines if line["event"] == FORGED] == []
    assert set("\x1b\r\x85\u2028\x00") & set(log.getvalue()) == set()
    assert log.getvalue().encode()
