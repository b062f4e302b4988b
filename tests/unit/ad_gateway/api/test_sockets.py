"""The live feed over a real WebSocket."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from websockets.datastructures import Headers
from websockets.exceptions import InvalidStatus

from ad_chassis.eventlog.topics import topic_configs
from ad_chassis.security.revocations import REVOKED_PREFIX
from ad_chassis.security.verifier import TokenVerifier
from tests.support.anomalies import anomaly
from tests.unit.ad_gateway.conftest import Gateway, running
from tests.unit.ad_gateway.feed_client import Answer, closed, connected, offsets, publish, receive


async def test_anomalies_arrive_with_iso_times_and_a_cursor(gateway: Gateway) -> None:
    async with connected(gateway) as socket:
        ready = await receive(socket, "ready")
        await publish(gateway, anomaly(1))
        message = await receive(socket, "anomaly")
    assert ready["cursor"]
    assert message["cursor"] != ready["cursor"]
    assert message["anomaly"]["id"] == anomaly(1).id
    assert ready["token_expires_time"].startswith("20")
    assert message["anomaly"]["event_time"] == "2023-11-14T22:13:20.001Z"


async def test_after_a_cut_a_client_goes_on_where_it_was(gateway: Gateway) -> None:
    async with connected(gateway) as socket:
        await receive(socket, "ready")
        await publish(gateway, *(anomaly(number) for number in range(10, 13)))
        await receive(socket, "anomaly")
        cursor = (await receive(socket, "anomaly"))["cursor"]
    await publish(gateway, anomaly(13))
    async with connected(gateway, f"?after={cursor}") as socket:
        await receive(socket, "ready")
        await publish(gateway, anomaly(14))
        assert await offsets(socket, 3) == [12, 13, 14]


async def test_more_anomalies_than_the_queue_holds_all_arrive_in_order(gateway: Gateway) -> None:
    async with connected(gateway) as socket:
        await receive(socket, "ready")
        await publish(gateway, *(anomaly(number) for number in range(100, 400)))
        assert await offsets(socket, 300) == list(range(100, 400))


async def test_filters_choose_and_can_be_changed_while_connected(gateway: Gateway) -> None:
    async with connected(gateway, "?stream=sensors&severity=high") as socket:
        await receive(socket, "ready")
        quiet, other = anomaly(20, severity="low"), anomaly(21, stream="pumps")
        await publish(gateway, quiet, other, anomaly(22))
        assert await offsets(socket, 1) == [22]
        await socket.send(json.dumps({"streams": ["pumps"]}))
        await receive(socket, "filtered")
        await publish(gateway, anomaly(23), anomaly(24, stream="pumps"))
        assert await offsets(socket, 1) == [24]
        await socket.send(json.dumps({"severity": "loud"}))
        assert "low, medium, high, critical" in (await receive(socket, "error"))["detail"]


async def test_a_tenant_sees_its_own_anomalies_only(gateway: Gateway) -> None:
    await gateway.platform.event_log.create_topics(topic_configs("acme"))
    async with connected(gateway, additional_headers=gateway.auth.headers(tenant="acme")) as socket:
        await receive(socket, "ready")
        await publish(gateway, anomaly(30), anomaly(31, tenant="acme"))
        assert await offsets(socket, 1) == [31]


async def test_a_caller_bound_to_streams_hears_of_these_alone_whatever_it_asks_for(gateway: Gateway) -> None:
    bound = gateway.auth.headers(streams=["pumps"])
    async with connected(gateway, "?stream=sensors&stream=pumps", additional_headers=bound) as socket:
        cursor = (await receive(socket, "ready"))["cursor"]
        await publish(gateway, anomaly(40), anomaly(41, stream="pumps"))
        assert await offsets(socket, 1) == [41]
        await socket.send(json.dumps({"streams": ["sensors"]}))
        await receive(socket, "filtered")
        await publish(gateway, anomaly(42))
        await socket.send(json.dumps({}))
        await receive(socket, "filtered")
        await publish(gateway, anomaly(43, stream="pumps"))
        assert await offsets(socket, 1) == [43]
    async with connected(gateway, f"?after={cursor}", additional_headers=bound) as socket:
        assert await offsets(socket, 2) == [41, 43]


async def test_a_browser_sends_its_token_as_a_sub_protocol(gateway: Gateway) -> None:
    protocols = ["anomalies.v1", f"bearer.{gateway.auth.token()}"]
    options = {"subprotocols": protocols, "additional_headers": {}, "origin": gateway.url}
    async with connected(gateway, **options) as socket:
        assert socket.subprotocol == "anomalies.v1"
        await receive(socket, "ready")


async def test_a_client_that_may_not_listen_is_told_why(gateway: Gateway) -> None:
    assert (await closed(gateway, additional_headers={}))[0] == 4401
    assert (await closed(gateway, additional_headers=gateway.auth.headers(lifetime_seconds=-60)))[0] == 4401
    code, reason = await closed(gateway, additional_headers=gateway.auth.headers(permissions=["write"]))
    assert (code, "read" in reason) == (4403, True)
    assert (await closed(gateway, origin="https://evil.example"))[0] == 4403


async def test_an_allowed_origin_may_listen(gateway: Gateway) -> None:
    async with connected(gateway, origin="https://shop.example") as socket:
        assert (await receive(socket, "ready"))["cursor"]


@pytest.mark.parametrize("query", ["?severity=loud", "?after=nonsense"])
async def test_a_wrong_question_is_closed_with_the_reason(gateway: Gateway, query: str) -> None:
    code, reason = await closed(gateway, query)
    assert code == 4400
    assert reason


async def test_the_feed_closes_when_the_token_ends(gateway: Gateway) -> None:
    headers = gateway.auth.headers(lifetime_seconds=1)
    code, reason = await closed(gateway, additional_headers=headers)
    assert code == 4401
    assert "token has ended" in reason


async def test_a_frame_that_is_no_text_is_closed_with_the_reason(gateway: Gateway) -> None:
    async with connected(gateway) as socket:
        await receive(socket, "ready")
        await socket.send(b"\x00\x01")
        async with asyncio.timeout(10):
            await socket.wait_closed()
        assert socket.close_code == 1003


async def test_a_silent_feed_shows_that_it_is_alive(gateway: Gateway) -> None:
    async with connected(gateway) as socket:
        assert (await receive(socket, "heartbeat"))["cursor"]


async def ticket(gateway: Gateway, **options: object) -> str:
    answer = await gateway.http.post("/api/v1/ws/tickets", headers=gateway.auth.headers(**options))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["ticket"])


async def test_a_ticket_opens_the_feed_once(gateway: Gateway) -> None:
    query = f"?ticket={await ticket(gateway)}"
    async with connected(gateway, query, additional_headers={}) as socket:
        await receive(socket, "ready")
    assert await closed(gateway, query, additional_headers={}) == (
        4401,
        "the ticket is unknown, was used or has ended; get a new one",
    )


async def test_a_ticket_opens_the_tenant_of_its_token_and_no_other(gateway: Gateway) -> None:
    await gateway.platform.event_log.create_topics(topic_configs("acme"))
    query = f"?ticket={await ticket(gateway, tenant='acme')}"
    async with connected(gateway, query, additional_headers={}) as socket:
        await receive(socket, "ready")
        await publish(gateway, anomaly(30), anomaly(31, tenant="acme"))
        assert await offsets(socket, 1) == [31]


async def test_a_service_gets_a_ticket_for_the_tenant_that_it_acts_for(gateway: Gateway) -> None:
    await gateway.platform.event_log.create_topics(topic_configs("acme"))
    headers = gateway.auth.headers(kind="service", tenant="platform") | {"X-Tenant": "acme"}
    answer = await gateway.http.post("/api/v1/ws/tickets", headers=headers)
    async with connected(gateway, f"?ticket={answer.json()['ticket']}", additional_headers={}) as socket:
        await receive(socket, "ready")
        await publish(gateway, anomaly(50, tenant="acme"))
        assert await offsets(socket, 1) == [50]


async def test_who_may_not_listen_gets_no_ticket(gateway: Gateway) -> None:
    for options, status in (({}, 401), ({"headers": gateway.auth.headers(permissions=["write"])}, 403)):
        assert (await gateway.http.post("/api/v1/ws/tickets", **options)).status_code == status


async def test_a_ticket_ends_with_its_token(gateway: Gateway) -> None:
    token = gateway.auth.token()
    answer = await gateway.http.post("/api/v1/ws/tickets", headers={"Authorization": f"Bearer {token}"})
    await revoke(gateway, token)
    code, reason = await closed(gateway, f"?ticket={answer.json()['ticket']}", additional_headers={})
    assert (code, "revoked" in reason) == (4401, True)


async def revoke(gateway: Gateway, token: str) -> None:
    """As auth does."""
    principal = await verifier(gateway).verify(token)
    await gateway.platform.cache.set(f"{REVOKED_PREFIX}{principal.token_id}", b"1", 900)


def verifier(gateway: Gateway) -> TokenVerifier:
    return gateway.platform.verifier


async def test_a_revoked_token_ends_the_feed_within_five_seconds(gateway: Gateway) -> None:
    token = gateway.auth.token()
    async with connected(gateway, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
        await receive(socket, "ready")
        await revoke(gateway, token)
        async with asyncio.timeout(5):
            await socket.wait_closed()
        assert (socket.close_code, "revoked" in (socket.close_reason or "")) == (4401, True)


async def authenticate(gateway: Gateway, request: Answer, **options: object) -> tuple[int | None, str]:
    """How the connection of a tester whose token lives for another 2 s ended; 0 when it did not within 3."""
    headers = gateway.auth.headers(lifetime_seconds=2)
    async with connected(gateway, additional_headers=headers) as socket:
        await receive(socket, "ready")
        await socket.send(json.dumps({"type": "authenticate", **request}))
        try:
            async with asyncio.timeout(3):
                await socket.wait_closed()
        except TimeoutError:
            return 0, ""
        return socket.close_code, socket.close_reason or ""


async def test_a_new_token_of_the_same_subject_keeps_the_feed_open(gateway: Gateway) -> None:
    assert await authenticate(gateway, {"token": gateway.auth.token()}) == (0, "")
    assert await authenticate(gateway, {"ticket": await ticket(gateway)}) == (0, "")


async def test_a_new_token_is_answered_with_its_end(gateway: Gateway) -> None:
    async with connected(gateway) as socket:
        before = await receive(socket, "ready")
        await socket.send(
            json.dumps({"type": "authenticate", "token": gateway.auth.token(lifetime_seconds=5000)})
        )
        after = await receive(socket, "authenticated")
    assert after["token_expires_time"] > before["token_expires_time"]


@pytest.mark.parametrize("options", [{"subject": "other"}, {"tenant": "acme"}, {"permissions": ["write"]}])
async def test_a_token_of_somebody_else_or_without_the_permission_ends_the_feed(
    gateway: Gateway, options: Answer
) -> None:
    assert (await authenticate(gateway, {"token": gateway.auth.token(**options)}))[0] == 4403


async def test_a_token_that_is_not_good_ends_the_feed(gateway: Gateway) -> None:
    for request in (
        {"token": "nonsense"},
        {"token": gateway.auth.token(lifetime_seconds=-60)},
        {"ticket": "x"},
    ):
        code, reason = await authenticate(gateway, request)
        assert (code, bool(reason)) == (4401, True)


async def test_a_message_that_is_none_is_answered_and_changes_nothing(gateway: Gateway) -> None:
    async with connected(gateway, "?stream=sensors") as socket:
        await receive(socket, "ready")
        for wrong in ("{", '{"type": "shout"}', '{"stream": "pumps"}'):
            await socket.send(wrong)
            assert "nothing was changed" in (await receive(socket, "error"))["detail"]
        await publish(gateway, anomaly(40))
        assert await offsets(socket, 1) == [40]


async def test_who_speaks_too_much_is_closed(gateway: Gateway) -> None:
    async with connected(gateway) as socket:
        await receive(socket, "ready")
        for _ in range(60):
            await socket.send("{}")
        async with asyncio.timeout(10):
            await socket.wait_closed()
        assert socket.close_code == 4429


async def test_a_message_larger_than_any_that_makes_sense_is_closed(gateway: Gateway) -> None:
    async with connected(gateway) as socket:
        await receive(socket, "ready")
        await socket.send(json.dumps({"streams": ["x" * 40_000]}))
        async with asyncio.timeout(10):
            await socket.wait_closed()
        assert socket.close_code == 1009


async def test_messages_are_not_compressed_for_each_client_anew(gateway: Gateway) -> None:
    async with connected(gateway, compression="deflate") as socket:
        assert socket.protocol.extensions == []


async def test_one_client_more_than_the_limit_is_turned_away_until_another_leaves(tmp_path: Path) -> None:
    async with running(tmp_path, socket_limit=2, socket_tenant_limit=1) as gateway:
        async with connected(gateway) as first:
            await receive(first, "ready")
            code, reason = await closed(gateway)
            assert (code, "tenant" in reason) == (4429, True)
            async with connected(gateway, additional_headers=gateway.auth.headers(tenant="acme")) as second:
                await receive(second, "ready")
                assert (await closed(gateway, additional_headers=gateway.auth.headers(tenant="b")))[0] == 4429
        async with connected(gateway) as again:
            await receive(again, "ready")


async def test_a_gateway_that_stops_tells_its_clients_to_come_back(tmp_path: Path) -> None:
    async with running(tmp_path) as gateway:
        opened = connected(gateway)
        socket = await opened.__aenter__()
        await receive(socket, "ready")
    async with asyncio.timeout(10):
        await socket.wait_closed()
    assert socket.close_code == 1012
    await opened.__aexit__(None, None, None)


async def test_a_client_that_takes_nothing_for_a_while_is_told_of_the_gap_and_misses_nothing(
    tmp_path: Path,
) -> None:
    async with (
        running(tmp_path, socket_queue=100, heartbeat_seconds=60) as gateway,
        connected(gateway, max_queue=1) as slow,
        connected(gateway) as quick,
    ):
        for socket in (slow, quick):
            await receive(socket, "ready")
        count, large = 4_000, {f"field {number}": 1.0 for number in range(200)}
        for begin in range(0, count, 50):
            await publish(gateway, *(anomaly(number, value=large) for number in range(begin, begin + 50)))
            assert await offsets(quick, 50) == list(range(begin, begin + 50))
        seen, gaps, last = list[int](), 0, ""
        async with asyncio.timeout(60):
            while len(seen) < count:
                message = json.loads(await slow.recv())
                assert message["cursor"] != last or message["type"] == "gap"
                last = message["cursor"]
                gaps += message["type"] == "gap"
                seen += [message["anomaly"]["offset"]] if message["type"] == "anomaly" else []
    assert seen == list(range(count))
    assert gaps >= 1


async def refused(gateway: Gateway, **options: Any) -> Headers:
    """What a handshake is answered that is one too many."""
    with pytest.raises(InvalidStatus) as caught:
        async with connected(gateway, **options):
            pass
    assert caught.value.response.status_code == 429
    return caught.value.response.headers


async def test_handshakes_count_as_requests_of_their_address_and_are_refused_before_the_upgrade(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, address_per_second=0.3) as gateway:
        for _ in range(2):
            await closed(gateway, additional_headers={})
        await gateway.http.get("/health/live")
        headers = await refused(gateway)
        assert headers["ratelimit"].startswith('"address";r=0;t=')
        assert int(headers["retry-after"]) >= 1
        assert headers["x-content-type-options"] == "nosniff"


async def test_handshakes_count_as_requests_of_their_caller_together_with_others(tmp_path: Path) -> None:
    async with running(tmp_path, caller_per_second=0.3) as gateway:
        ann, bob = gateway.auth.headers(subject="ann"), gateway.auth.headers(subject="bob")
        for _ in range(2):
            async with connected(gateway, additional_headers=ann) as socket:
                await receive(socket, "ready")
        assert (await gateway.http.get("/api/v1/models", headers=ann)).status_code == 200
        assert (await gateway.http.get("/api/v1/models", headers=ann)).status_code == 429
        headers = await refused(gateway, additional_headers=ann)
        assert headers["content-type"] == "application/problem+json"
        assert int(headers["retry-after"]) >= 1
        assert headers["x-content-type-options"] == "nosniff"
        stream = await gateway.http.get("/api/v1/anomalies/stream", headers=ann)
        assert (stream.status_code, stream.headers["ratelimit"][:12]) == (429, '"caller";r=0')
        async with connected(gateway, additional_headers=bob) as socket:
            assert (await receive(socket, "ready"))["cursor"]
