"""The live feed against every attacker: each way to open it, each message that a client may send."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import yaml

from ad_chassis.security.permissions import Permission
from tests.support.matrix import feed
from tests.support.matrix.attacks import TOKENS
from tests.support.matrix.runner import OF_TENANTS, Matrix
from tests.support.matrix.world import ATTACKER, ELSEWHERE, STREAM, VICTIM, World, running_world
from tests.support.replays import SCHEMA

ASYNCAPI = Path(__file__).parents[2] / "contracts" / "asyncapi.yaml"
NEEDED: Permission = "anomalies:read"
# Whatever a client may say stands here; a new message fails until its attacks are thought of.
SAID = {"live_filter": "test_a_filter", "live_authenticate": "test_in_band"}
HISTORY = f"?after={feed.BEGINNING}"


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running_world(tmp_path_factory.mktemp("world")) as world:
        headers = {"Authorization": f"Bearer {world.tokens[ATTACKER]}"}
        body = {"name": STREAM, "schema": SCHEMA}
        made = await world.doors["gateway"].post("/api/v1/streams", json=body, headers=headers)
        assert made.is_success, made.text
        yield world


@pytest.fixture(scope="module")
async def matrix(world: World) -> Matrix:
    return await Matrix.of(world)


@pytest.fixture(scope="module")
def cells(attacked: list[str]) -> Iterator[list[str]]:
    tried: list[str] = []
    yield tried
    attacked.append(f"the live feed, {len(tried)} cells")


def test_every_message_that_a_client_may_send_is_attacked() -> None:
    document = yaml.safe_load(ASYNCAPI.read_text())
    received = document["operations"]["gateway_receives_live_anomalies"]["messages"]
    assert {each["$ref"].rpartition("/")[2] for each in received} == set(SAID)
    assert all(any(name.startswith(each) for name in globals()) for each in SAID.values())


@pytest.mark.parametrize("way", feed.WAYS)
@pytest.mark.parametrize("name", TOKENS)
async def test_a_bad_token_opens_nothing(
    world: World, matrix: Matrix, cells: list[str], way: str, name: str
) -> None:
    cells.append(f"{way}: {name}")
    async with feed.opened(world, **feed.WAYS[way](matrix.bad_tokens[name])) as socket:
        assert await feed.closed(socket) == 4401


@pytest.mark.parametrize("way", feed.WAYS)
async def test_who_may_do_all_else_may_not_listen(world: World, cells: list[str], way: str) -> None:
    cells.append(f"{way}: all permissions but this one")
    lacking = await world.token(VICTIM, OF_TENANTS - {NEEDED})
    async with feed.opened(world, **feed.WAYS[way](lacking)) as socket:
        assert await feed.closed(socket) == 4403


@pytest.mark.parametrize("make", ["used", "unknown"])
async def test_a_ticket_opens_once(world: World, cells: list[str], make: str) -> None:
    cells.append(f"ticket: {make}")
    ticket = await feed.used_ticket(world) if make == "used" else "x" * 43
    async with feed.opened(world, f"?ticket={ticket}") as socket:
        assert await feed.closed(socket) == 4401


@pytest.mark.parametrize("wanted", [{}, {"streams": [STREAM]}], ids=["everything", "the stream"])
async def test_a_filter_shows_the_owner_all_and_others_nothing(
    world: World, matrix: Matrix, cells: list[str], wanted: dict[str, list[str]]
) -> None:
    """Asked for by name, and with a cursor from before the first anomaly."""
    shown = {}
    for name, token in (
        ("owner", world.tokens[VICTIM]),
        ("bound", matrix.bound),
        ("foreign", world.tokens[ATTACKER]),
    ):
        cells.append(f"filter {wanted}: {name}")
        tenant = ATTACKER if name == "foreign" else VICTIM
        async with feed.opened(world, HISTORY, **feed.by_header(token)) as socket:
            await feed.heard(socket, "ready")
            shown[name] = set(await feed.all_shown(world, socket, tenant, {"type": "filter"} | wanted))
    assert shown == {"owner": {STREAM}, "bound": set(), "foreign": set()}
    assert ELSEWHERE not in shown["owner"]


@pytest.mark.parametrize("name", [name for name in TOKENS if name != "no token"])
async def test_in_band_a_bad_token_ends_the_connection(
    world: World, matrix: Matrix, cells: list[str], name: str
) -> None:
    cells.append(f"authenticate: {name}")
    async with feed.opened(world, **feed.by_header(world.tokens[VICTIM])) as socket:
        await feed.heard(socket, "ready")
        await feed.say(socket, {"type": "authenticate", "token": matrix.bad_tokens[name]})
        assert await feed.closed(socket) == 4401


@pytest.mark.parametrize("who", ["foreign", "bound", "lacking"])
async def test_in_band_a_connection_is_not_handed_on(
    world: World, matrix: Matrix, cells: list[str], who: str
) -> None:
    """To another tenant, to a key of other rights, or to one that may not listen."""
    cells.append(f"authenticate: {who}")
    lacking = await world.token(VICTIM, OF_TENANTS - {NEEDED})
    token = {"foreign": world.tokens[ATTACKER], "bound": matrix.bound, "lacking": lacking}[who]
    async with feed.opened(world, **feed.by_header(world.tokens[VICTIM])) as socket:
        await feed.heard(socket, "ready")
        await feed.say(socket, {"type": "authenticate", "token": token})
        assert await feed.closed(socket) == 4403
