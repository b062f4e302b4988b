"""Replaying dead letters on real storage."""

import pytest

from ad_chassis.database import EVERY_TENANT
from ad_chassis.errors import Conflict, NotFound, Unprocessable
from ad_chassis.eventlog.errors import Transient
from ad_ingestion.domain.dead_letters import LetterQuery
from ad_ingestion.domain.lake import RecordQuery
from ad_ingestion.domain.replays import Correction
from ad_ingestion.usecases.find_stream import find_stream
from ad_ingestion.usecases.read_records import read_records
from ad_ingestion.usecases.replay_dead_letters import LetterReplayer, Mode
from ad_ingestion.usecases.store_dead_letters import store_dead_letters
from tests.support.dead_letters import GOOD, letter

BAD = b'{"sensor": "s1", "load": "x"}'
TOPIC = "records.default"


class Bench:
    """Dead letters, and what became of them."""

    def __init__(self, ingestion) -> None:
        self.ingestion = ingestion
        self.replayer = LetterReplayer(ingestion.store, ingestion.log, ingestion.acceptor)

    async def keep(self, *letters) -> None:
        await store_dead_letters(self.ingestion.store, letters)

    async def some(self, after: int = 0, limit: int = 100, query: LetterQuery | None = None, **mode: bool):
        query = query or LetterQuery()
        return await self.replayer.replay_some("default", query, after=after, limit=limit, mode=Mode(**mode))

    async def one(self, event_id: str, tenant: str = "default", **options):
        mode = Mode(**{name: options.pop(name) for name in ("dry_run", "force") if name in options})
        return await self.replayer.replay_one(tenant, event_id, Correction(**options), mode)

    async def sent(self) -> list[bytes]:
        return [value for _, _, value in await self.ingestion.messages(TOPIC)]

    async def states(self) -> dict[str, str]:
        async with self.ingestion.store.transaction(EVERY_TENANT, read_only=True) as work:
            found = await work.oldest_dead_letters("default", LetterQuery(), 0, 100)
        return {each.event_id: each.state for each in found}

    async def lake(self) -> list[dict]:
        stream = await find_stream(self.ingestion.store, ("default", "sensors"))
        frames = read_records(self.ingestion.store, self.ingestion.lake, stream, RecordQuery())
        return [row async for frame in frames for row in frame.to_dicts()]


@pytest.fixture
async def bench(ingestion) -> Bench:
    await ingestion.create()
    return Bench(ingestion)


async def test_what_passes_is_sent_once_and_what_would_fail_again_stays_open(bench) -> None:
    await bench.keep(letter("d/1"), letter("d/2", BAD), letter("d/3", stream="unknown"))
    found = await bench.some()
    assert [each.letter.event_id for each in found.passed] == ["d/1"]
    assert {each.letter.event_id: each.reason for each in found.failed} == {
        "d/2": "field 'load': \"x\" stands where a number belongs",
        "d/3": "there is no stream 'unknown'; create it first, or give another one as `stream`",
    }
    assert await bench.sent() == [GOOD]
    assert await bench.states() == {"d/1": "replayed", "d/2": "open", "d/3": "open"}
    assert not (await bench.some()).passed
    assert await bench.sent() == [GOOD]


async def test_a_dry_run_says_the_same_and_does_nothing(bench) -> None:
    await bench.keep(letter("d/1"), letter("d/2", BAD))
    found = await bench.some(dry_run=True)
    assert (len(found.passed), len(found.failed)) == (1, 1)
    assert not (await bench.one("d/2", dry_run=True)).passes
    assert await bench.sent() == []
    assert set((await bench.states()).values()) == {"open"}


async def test_what_came_over_rest_is_accepted_like_a_new_body(bench) -> None:
    await bench.keep(
        letter("b/1", source="ingestion", topic=None, partition=None, offset=None), letter("d/1")
    )
    await bench.some()
    [row] = await bench.lake()
    assert (row["sensor"], row["load"]) == ("s1", 1.0)
    stream = await find_stream(bench.ingestion.store, ("default", "sensors"))
    assert (stream.accepted, stream.rejected) == (1, 1)
    assert len(await bench.sent()) == 2
    assert await bench.states() == {"b/1": "replayed", "d/1": "replayed"}


async def test_what_the_log_does_not_take_now_is_published_later_and_once(bench) -> None:
    await bench.keep(letter("b/1", source="ingestion"))
    bench.ingestion.log.down = True
    await bench.some()
    assert await bench.sent() == []
    bench.ingestion.log.down = False
    await bench.ingestion.publisher.catch_up()
    await bench.ingestion.publisher.catch_up()
    assert len(await bench.sent()) == 1


async def test_a_message_that_the_log_does_not_take_now_waits_in_the_outbox(bench, monkeypatch) -> None:
    async def down(_messages) -> None:
        raise Transient("the log is down")

    await bench.keep(letter("d/1"))
    with monkeypatch.context() as broken:
        broken.setattr(bench.ingestion.platform.event_log, "publish", down)
        await bench.one("d/1")
        with pytest.raises(Conflict):
            await bench.one("d/1")
    assert await bench.sent() == []
    await bench.ingestion.store.tell()
    assert await bench.sent() == [GOOD]


async def test_pages_go_on_where_the_one_before_ended(bench) -> None:
    await bench.keep(*(letter(f"d/{number}", BAD if number % 2 else GOOD) for number in range(5)))
    first = await bench.some(limit=2)
    assert (len(first.passed), len(first.failed), first.remaining) == (1, 1, 3)
    second = await bench.some(after=first.cursor, limit=2)
    last = await bench.some(after=second.cursor, limit=2)
    assert (second.remaining, last.remaining, last.cursor) == (1, 0, None)
    assert list((await bench.states()).values()).count("replayed") == 3


async def test_only_what_matches_is_replayed(bench) -> None:
    await bench.keep(letter("d/1", reason="100% Wrong"), letter("d/2"), letter("d/3", field="load"))
    await bench.some(query=LetterQuery(reason="0% wrong"))
    await bench.some(query=LetterQuery(field="load"))
    assert await bench.states() == {"d/1": "replayed", "d/2": "open", "d/3": "replayed"}


async def test_again_only_by_force(bench) -> None:
    await bench.keep(letter("d/1"))
    await bench.one("d/1")
    with pytest.raises(Conflict, match="replayed already; `force`"):
        await bench.one("d/1")
    with pytest.raises(Unprocessable, match="`force`"):
        await bench.some(query=LetterQuery(state="replayed"))
    await bench.one("d/1", force=True)
    await bench.some(force=True)
    assert await bench.sent() == [GOOD] * 3


async def test_one_can_be_corrected(bench) -> None:
    await bench.keep(letter("d/1", BAD, stream="sensorz"))
    with pytest.raises(Unprocessable, match="a number belongs"):
        await bench.one("d/1", stream="sensors")
    assert (await bench.one("d/1", raw=GOOD, stream="sensors")).passes
    [(_, event, value)] = await bench.ingestion.messages(TOPIC)
    assert (event.source, value) == ("sensors", GOOD)


async def test_a_stream_without_a_schema_and_a_letter_without_a_stream_wait(bench) -> None:
    await bench.ingestion.create("raw", schema=None)
    await bench.keep(letter("d/1", stream="raw"), letter("d/2", stream=None))
    reasons = [each.reason for each in (await bench.some()).failed]
    assert reasons[0].startswith("the record names no stream")
    assert reasons[1].startswith("stream 'raw' has no schema yet")


async def test_another_tenants_dead_letter_does_not_exist(bench) -> None:
    await bench.keep(letter("d/1"))
    with pytest.raises(NotFound, match="d/1"):
        await bench.one("d/1", tenant="acme")


async def test_one_that_fails_after_all_is_a_new_dead_letter_that_names_the_first(bench) -> None:
    large = b'{"sensor": "' + b"s" * 300_000 + b'", "load": 1, "heat": 1}'
    await bench.keep(letter("b/1", large, source="ingestion"))
    await bench.some()
    codec = bench.ingestion.platform.codec
    [(_, _, value)] = await bench.ingestion.messages("rejected.default")
    [header] = codec.decode(value).headers
    assert header == {"name": "ad_replay_of", "value": b"b/1"}


async def test_large_dead_letters_come_a_few_at_a_time(bench, monkeypatch) -> None:
    monkeypatch.setattr("ad_ingestion.adapters.sql_dead_letters.MOST_BYTES", 2 * len(GOOD))
    await bench.keep(*(letter(f"d/{number}") for number in range(3)))
    first = await bench.some()
    assert (len(first.passed), first.remaining) == (2, 1)
    async with bench.ingestion.store.transaction(EVERY_TENANT, read_only=True) as work:
        page = await work.dead_letters("default", LetterQuery(), None, 100)
        rest = await work.dead_letters("default", LetterQuery(), int(page.next_cursor or 0), 100)
    assert [each.event_id for each in [*page.items, *rest.items]] == ["d/2", "d/1", "d/0"]
