"""Everything under /api/v1 that a service owns."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from ad_chassis.errors import BadRequest, NotFound, TimedOut, UnsupportedMediaType
from ad_chassis.security.access import bearer_token
from ad_gateway.api.guard import over
from ad_gateway.api.incoming import TOO_SLOW, IncomingBody
from ad_gateway.api.turns import Turns, all_of_it
from ad_gateway.domain.capacity import Capacity
from ad_gateway.domain.etags import is_known, may_be_tagged, tag_of
from ad_gateway.domain.headers import is_basic, passed_on, read
from ad_gateway.domain.keyed import WrongKey, fingerprint_of, key_of, place_of
from ad_gateway.domain.limits import Caller, RateLimits
from ad_gateway.domain.owners import PLACES, owner
from ad_gateway.domain.policies import LIGHT_SECONDS, Body, Policy, template_of
from ad_gateway.ports import Forward, Forwarded, Forwarder, Identification, KeyedAnswers, TokenExchange
from ad_gateway.usecases.answer_once import Answer, answer_once

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
BODILESS = {"GET", "HEAD", "DELETE"}
SEND_SECONDS = 60.0
REPEATED = (b"idempotency-replayed", b"true")


@dataclass(frozen=True, slots=True)
class Proxy:
    """Plain ASGI. The service checks the token by itself; the gateway adds no right and takes none away."""

    forwarder: Forwarder
    keys: TokenExchange
    identification: Identification
    limits: RateLimits
    answers: KeyedAnswers
    turns: Turns
    capacities: Mapping[str, Capacity]
    slow_seconds: float
    body_bytes: Mapping[Body, int]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, policy = scope["path"], scope["policy"]
        service = owner(path)
        if service is None:
            raise NotFound(f"there is nothing at {path}; /api/v1/docs lists what there is")
        scope["template"] = template_of(path)
        headers = read(scope["headers"])
        _check_encoding(headers, policy)
        header = headers.get("authorization")
        basic = header if header and service == "auth" and is_basic(header) else None
        token = await self.keys.access_token(bearer_token(header)) if header and not basic else None
        caller = await self._admitted(scope, token)
        body = IncomingBody(receive, self.body_bytes[policy.body])
        body.check_length(headers.get("content-length", ""))
        seconds = self.slow_seconds if policy.slow else min(LIGHT_SECONDS, self.slow_seconds)
        call = Forward(
            service,
            scope["method"],
            _target(scope),
            passed_on(headers, scope["client"][0] if scope["client"] else "", scope["scheme"])
            | ({"authorization": basic} if basic else {}),
            None if scope["method"] in BODILESS else body.pieces(),
            token,
            seconds,
            policy.slow,
        )
        if call.body is not None and policy.body == "small":
            # A small body is awaited here, so that a slow client is never taken for a slow service.
            call = call._replace(body=await body.whole(seconds))
        capacity = self.capacities[service]
        share = all_of_it if policy.slow else capacity.share if caller else capacity.share_of_strangers
        async with self.turns.turn(_lane(scope, service, policy, caller), seconds, share):
            key = headers.get("idempotency-key")
            if key is not None and policy.keyed and call.method == "POST" and caller is not None:
                await self._once(call, policy, caller, key, send)
            else:
                plain = call.method == "GET" and not (policy.slow or policy.secret)
                await self._stream(call, body, headers.get("if-none-match", "") if plain else None, send)

    async def _admitted(self, scope: Scope, token: str | None) -> Caller | None:
        caller = await self.identification.caller(token) if token else None
        if caller is not None:
            verdicts = self.limits.of_caller(caller)
            scope["verdicts"] += verdicts
            if not verdicts[-1].allowed:
                raise over(verdicts[-1])
        return caller

    async def _stream(self, call: Forward, body: IncomingBody, condition: str | None, send: Send) -> None:
        """`condition` is If-None-Match where answers are small enough to be compared, else None."""
        try:
            answer = await self.forwarder.forward(call)
        except TimedOut:
            if call.body is not None and not isinstance(call.body, bytes) and not body.complete:
                raise HTTPException(408, TOO_SLOW, {"Connection": "close"}) from None
            raise
        try:
            if condition is not None and may_be_tagged(answer.status, answer.headers):
                await _send_tagged(answer, condition, send)
            else:
                await _send_all(answer, send)
        finally:
            await answer.close()

    async def _once(self, call: Forward, policy: Policy, caller: Caller, header: str, send: Send) -> None:
        try:
            key = key_of(header)
        except WrongKey as error:
            raise BadRequest(str(error)) from error

        async def ask() -> Answer:
            return await _whole(await self.forwarder.forward(call))

        answer = await answer_once(
            self.answers,
            place_of(caller, call.method, call.target, key),
            fingerprint_of(key, call.target, call.body if isinstance(call.body, bytes) else b""),
            ask,
            secret=policy.secret,
        )
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        if answer.repeated:
            pairs.append(REPEATED)
        await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
        await send({"type": "http.response.body", "body": answer.body})


def routes(proxy: Proxy) -> APIRouter:
    route = Route("/api/v1/{_path:path}", proxy, methods=METHODS, include_in_schema=False)
    places = [Route(place, proxy, methods=["GET"], include_in_schema=False) for place in PLACES]
    return APIRouter(routes=[route, *places])


def _check_encoding(headers: Mapping[str, str], policy: Policy) -> None:
    """What nobody behind would inflate is refused here; what is inflated there has its limit there."""
    if "content-encoding" not in headers:
        return
    encoding = headers["content-encoding"].strip().lower()
    taken = {"identity", "gzip", "x-gzip"} if policy.gzip else {"identity"}
    if encoding not in taken:
        raise UnsupportedMediaType(
            f"a body with Content-Encoding {encoding[:40]!r} is not taken here; send it "
            + ("plain or as gzip" if policy.gzip else "plain"),
            headers={"Accept-Encoding": "gzip" if policy.gzip else "identity"},
        )


def _lane(scope: Scope, service: str, policy: Policy, caller: Caller | None) -> str:
    """Heavy work has a lane of its own, so that a tenant's exports do not keep it from looking at its anomalies."""
    who = f"tenant {caller.tenant}" if caller else f"address {scope['client'] and scope['client'][0]}"
    return f"{who}, heavy" if policy.slow else f"{who} at {service}"


def _target(scope: Scope) -> str:
    path = scope.get("raw_path", scope["path"].encode()).decode("ascii")
    query = scope["query_string"].decode("latin-1")
    return f"{path}?{query}" if query else path


async def _send_all(answer: Forwarded, send: Send) -> None:
    """A client that takes nothing for a minute is given up. Until the first piece, a failure is still a problem."""
    start: Message | None = {
        "type": "http.response.start",
        "status": answer.status,
        "headers": answer.headers,
    }
    async for piece in answer.pieces():
        async with asyncio.timeout(SEND_SECONDS):
            if start is not None:
                await send(start)
                start = None
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    if start is not None:
        await send(start)
    await send({"type": "http.response.body", "body": b""})


async def _send_tagged(answer: Forwarded, condition: str, send: Send) -> None:
    body = b"".join([piece async for piece in answer.pieces()])
    tag = tag_of(body)
    headers, status = answer.headers, answer.status
    if is_known(condition, tag):
        headers = [pair for pair in headers if pair[0] not in {b"content-length", b"content-type"}]
        status, body = 304, b""
    await send(
        {"type": "http.response.start", "status": status, "headers": [*headers, (b"etag", tag.encode())]}
    )
    await send({"type": "http.response.body", "body": body})


async def _whole(answer: Forwarded) -> Answer:
    try:
        body = b"".join([piece async for piece in answer.pieces()])
    finally:
        await answer.close()
    pairs = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers)
    return Answer(answer.status, pairs, body)
