"""What calls of both clients do: tries, tokens, pages, bodies, failures. Each inherits this and gives `way`."""

import hashlib
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from anomaly_detection.client.problems import (
    Conflict,
    Forbidden,
    NobodyThere,
    NotFound,
    ServerError,
    Unauthenticated,
)
from anomaly_detection.client.retrying import Retry
from tests.support.canned_server import KEY, Answer, CannedServer, problem
from tests.support.ways import Way

RECEIPT = {"batch_id": "b", "accepted": 2, "rejected": 0, "rejections": []}
BUSY = problem(503, "busy", {"Retry-After": "3"})


class Renewing:
    """A login of a test: tokens t1, t2, …; who renews waits for nobody."""

    def __init__(self) -> None:
        self.number, self.renewals = 1, 0

    def token(self) -> str:
        return f"t{self.number}"

    def renewed(self, refused: str) -> str:
        assert refused == self.token()
        self.renewals += 1
        self.number += 1
        return self.token()


class ClientCallsSpec:
    @pytest.fixture
    def opened(self, way: Way, server: CannedServer) -> Way:
        return way.open(server.url, KEY)

    async def test_an_answer_is_what_the_server_said_signed_in_with_the_key(self, opened, server) -> None:
        server.on("GET /streams/pumps", {"name": "pumps"})
        assert await opened.do(opened.client.streams.get, "pumps") == {"name": "pumps"}
        assert server.last.headers["authorization"] == f"Bearer {KEY}"

    async def test_a_list_fetches_its_pages_when_they_are_asked_for(self, opened, server) -> None:
        pages = {"items": [{"id": 1}, {"id": 2}], "next_cursor": "a"}, {"items": [{"id": 3}]}
        server.on("GET /anomalies", *pages)
        listed = opened.client.anomalies.list(stream="s", superseded=True)
        assert [each["id"] for each in await opened.take(listed, 2)] == [1, 2]
        assert [seen.query for seen in server.seen] == [
            {"stream": ["s"], "superseded": ["true"], "limit": ["1000"]}
        ]
        server.on("GET /anomalies", *pages)
        assert len(await opened.take(opened.client.anomalies.list())) == 3
        assert server.last.query == {"limit": ["1000"], "cursor": ["a"]}

    async def test_a_limit_is_kept_over_pages(self, opened, server) -> None:
        server.on(
            "GET /streams", {"items": [1, 2], "next_cursor": "a"}, {"items": [3, 4], "next_cursor": "b"}
        )
        assert await opened.take(opened.client.streams.list(limit=3)) == [1, 2, 3]
        assert [seen.query["limit"] for seen in server.seen] == [["3"], ["1"]]

    async def test_what_fails_for_a_while_is_tried_again_when_the_server_says(self, opened, server) -> None:
        server.on("GET /streams/pumps", BUSY, BUSY, {"name": "pumps"})
        assert await opened.do(opened.client.streams.get, "pumps") == {"name": "pumps"}
        assert [3 <= wait <= 4 for wait in opened.waits] == [True, True]

    async def test_the_server_may_say_it_as_a_date(self, opened, server) -> None:
        soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20))
        server.on("GET /streams/pumps", problem(429, "slowly", {"Retry-After": soon}), {"name": "pumps"})
        await opened.do(opened.client.streams.get, "pumps")
        assert 17 < opened.waits[0] < 21

    async def test_tries_end_with_how_many_there_were(self, opened, server) -> None:
        server.on("GET /streams/pumps", problem(503, "no log"))
        with pytest.raises(ServerError, match=r"no log \(tried 5 times\)") as failed:
            await opened.do(opened.client.streams.get, "pumps")
        assert (failed.value.tries, len(server.seen)) == (5, 5)

    async def test_nobody_waits_longer_than_they_would(self, way, server) -> None:
        opened = way.open(server.url, KEY, retry=Retry(within_seconds=30))
        server.on("GET /streams/pumps", problem(503, "back in an hour", {"Retry-After": "3600"}))
        with pytest.raises(ServerError, match=r"back in an hour$"):
            await opened.do(opened.client.streams.get, "pumps")
        assert opened.waits == []

    async def test_what_makes_something_is_repeated_under_one_key(self, opened, server) -> None:
        server.on(
            "POST /streams", problem(502, "cut"), problem(409, "runs", {"Retry-After": "1"}), Answer({})
        )
        await opened.do(opened.client.streams.create, "pumps")
        assert len({seen.headers["idempotency-key"] for seen in server.seen}) == 1
        assert len(server.seen) == 3

    @pytest.mark.parametrize("status", [502, 503, 504])
    async def test_what_is_not_safe_to_repeat_is_not(self, opened, server, status) -> None:
        server.on("PATCH /streams/pumps", problem(status, "who knows"))
        with pytest.raises(ServerError, match=r"who knows$"):
            await opened.do(opened.client.streams.change, "pumps", settings={})
        assert len(server.seen) == 1

    async def test_what_was_not_begun_is_repeated_whatever_it_is(self, opened, server) -> None:
        server.on("PATCH /streams/pumps", problem(429, "slowly"), {"name": "pumps"})
        assert await opened.do(opened.client.streams.change, "pumps", settings={}) == {"name": "pumps"}

    async def test_a_deletion_whose_answer_was_lost_is_done_when_nothing_is_left(
        self, opened, server
    ) -> None:
        server.on("DELETE /streams/pumps", problem(504, "no answer in time"), problem(404, "no such stream"))
        assert await opened.do(opened.client.streams.delete, "pumps") is None
        with pytest.raises(NotFound):
            await opened.do(opened.client.streams.delete, "pumps")
        assert len(server.seen) == 3

    async def test_a_wrong_address_is_said_at_once(self, way) -> None:
        opened = way.open("http://127.0.0.1:9", KEY)
        with pytest.raises(NobodyThere, match="cannot be reached"):
            await opened.do(opened.client.streams.get, "pumps")
        assert opened.waits == []

    @pytest.mark.parametrize(("status", "kind"), [(403, Forbidden), (404, NotFound), (409, Conflict)])
    async def test_a_failure_says_what_the_problem_said(self, opened, server, status, kind) -> None:
        fields = [{"field": "name", "message": "is taken"}]
        server.on("POST /streams", problem(status, "no", {"X-Request-ID": "r7"}, errors=fields))
        with pytest.raises(kind, match="no; name: is taken") as failed:
            await opened.do(opened.client.streams.create, "pumps")
        assert (failed.value.status, failed.value.fields, failed.value.request_id) == (status, fields, "r7")
        assert len(server.seen) == 1

    async def test_a_key_that_is_refused_is_not_tried_again(self, opened, server) -> None:
        server.refused = KEY
        with pytest.raises(Unauthenticated, match="the token has ended"):
            await opened.do(opened.client.me)
        assert len(server.seen) == 1

    async def test_a_token_that_is_refused_is_renewed_once_for_all_who_meet_it(self, way, server) -> None:
        login = Renewing()
        opened = way.open(server.url, token=login)
        server.refused = "t1"
        server.on("GET /auth/me", {"name": "ann"})
        assert await opened.at_once(opened.client.me, 8) == [{"name": "ann"}] * 8
        assert login.renewals == 1

    async def test_a_renewed_token_that_is_refused_too_is_the_end(self, way, server) -> None:
        opened = way.open(server.url, token=Renewing())
        server.on("GET /auth/me", problem(401, "nobody knows you"))
        with pytest.raises(Unauthenticated, match="nobody knows you"):
            await opened.do(opened.client.me)
        assert [seen.headers["authorization"] for seen in server.seen] == ["Bearer t1", "Bearer t2"]

    async def test_a_token_may_be_a_text(self, way, server) -> None:
        opened = way.open(server.url, token="eyJ")
        server.on("GET /auth/me", {"name": "ann"})
        await opened.do(opened.client.me)
        assert server.last.headers["authorization"] == "Bearer eyJ"

    async def test_rows_go_in_bodies_and_no_more_of_them_is_taken_than_a_body(self, opened, server) -> None:
        taken = []

        def rows():
            for number in range(6):
                taken.append((number, len(server.seen)))
                yield {"load": number}

        server.on("POST /streams/pumps/records", RECEIPT)
        sent = await opened.do(opened.client.records.send, "pumps", rows(), batch_rows=2)
        assert (sent["rows"], sent["accepted"], len(sent["batches"])) == (6, 6, 3)
        assert taken == [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (5, 2)]
        assert server.seen[0].body == b'{"load":0}\n{"load":1}\n'
        assert len({seen.headers["idempotency-key"] for seen in server.seen}) == 3

    async def test_rows_are_taken_where_they_may_block(self, opened, server) -> None:
        places = []

        def rows():
            places.append(threading.current_thread() is threading.main_thread())
            yield {"load": 1}

        server.on("POST /streams/pumps/records", RECEIPT)
        await opened.do(opened.client.records.send, "pumps", rows())
        assert places == [opened.blocks]

    async def test_a_body_that_was_cut_is_sent_again_under_its_key(self, opened, server) -> None:
        server.on("POST /streams/pumps/records", BUSY, RECEIPT)
        await opened.do(opened.client.records.send, "pumps", [{"load": 1}, {"load": 2}])
        assert len({(seen.headers["idempotency-key"], seen.body) for seen in server.seen}) == 1
        assert len(server.seen) == 2

    async def test_a_model_goes_up_in_pieces_and_comes_down_whole(self, opened, server, tmp_path) -> None:
        source, target = tmp_path / "m.adm", tmp_path / "copy.adm"
        source.write_bytes(bytes(range(256)) * 3000)
        server.on("POST /models/m/versions", {"version": 1})
        await opened.do(opened.client.models.upload, "m", source)
        assert server.last.body == source.read_bytes()
        assert server.last.headers["content-length"] == "768000"
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        server.on("GET /models/m", {"versions": [{"version": 1, "artifact_sha256": digest}]})
        server.on("GET /models/m/versions/1/artifact", BUSY, Answer(source.read_bytes()))
        got = await opened.do(opened.client.models.download, "m", target)
        assert (got["size_bytes"], target.read_bytes()) == (768_000, source.read_bytes())

    async def test_a_file_that_is_there_stays_when_the_download_is_wrong(
        self, opened, server, tmp_path
    ) -> None:
        target = tmp_path / "m.adm"
        target.write_bytes(b"old")
        server.on("GET /models/m/versions/1", {"version": 1, "artifact_sha256": "0" * 64})
        server.on("GET /models/m/versions/1/artifact", Answer(b"new"))
        with pytest.raises(ServerError, match="not the registered artifact"):
            await opened.do(opened.client.models.download, "m", target, version=1)
        assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]

    async def test_who_waits_for_a_job_looks_until_it_has_ended(self, opened, server) -> None:
        going = {"id": "j1", "status": "running", "progress": 0.5}
        server.on("GET /train/j1", going, {"id": "j1", "status": "failed", "progress": 0.7})
        shares = []
        job = await opened.do(opened.client.jobs.wait, going, progress=shares.append)
        assert (job["status"], shares, len(opened.waits)) == ("failed", [0.5, 0.7], 2)

    async def test_lines_of_data_are_whole_however_they_arrive(self, opened, server) -> None:
        server.on("GET /tenants/acme/data/auth", Answer(b'{"row": 1}\n{"end": {"rows": 1}}'))
        lines = await opened.take(opened.client.tenants.data("acme", "auth"))
        assert lines == [{"row": 1}, {"end": {"rows": 1}}]

    @pytest.mark.parametrize("content", [{"things": []}, [1]])
    async def test_an_answer_that_is_no_list_is_refused(self, opened, server, content) -> None:
        server.on("GET /streams", content)
        with pytest.raises(ServerError, match="list of items"):
            await opened.take(opened.client.streams.list())

    async def test_a_page_of_somebody_else_is_refused(self, opened, server) -> None:
        server.on("GET /auth/me", Answer(b"<html>hello</html>", media_type="text/html"))
        with pytest.raises(ServerError, match="something else than JSON"):
            await opened.do(opened.client.me)

    async def test_a_redirect_is_not_followed_with_the_key(self, opened, server) -> None:
        server.on("GET /auth/me", Answer(b"", 307))
        with pytest.raises(ServerError, match="307"):
            await opened.do(opened.client.me)

    @pytest.mark.parametrize("name", ["", ".", ".."])
    async def test_a_name_that_is_a_path_is_refused(self, opened, server, name) -> None:
        with pytest.raises(ServerError, match="not a name"):
            await opened.do(opened.client.streams.get, name)
        assert not server.seen

    async def test_a_name_stays_one_part_of_the_path(self, opened, server) -> None:
        with pytest.raises(NotFound, match="nothing at"):
            await opened.do(opened.client.streams.get, "a/../../x?y")
        assert server.last.query == {}

    async def test_a_closed_client_says_so(self, opened, server) -> None:
        await opened.end()
        with pytest.raises(ServerError, match="is closed"):
            await opened.do(opened.client.me)
