"""Calls of the REST interface as steps: tries, pages, and how answers are read."""

import random
import time
import uuid
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx2

from anomaly_detection.client.effects import Found, Items, Pieces, Request, Send, Steps, Wait, Work
from anomaly_detection.client.problems import ServerError, problem_of
from anomaly_detection.client.retrying import Retry, may_pass
from anomaly_detection.client.signature import Signature

PAGE = 1000
UNSAFE = {"POST", "PATCH"}
UNKNOWN = {None, 502, 504}
"""After these it may have been done all the same."""
Params = Mapping[str, Any]


def call(
    method: str,
    path: str,
    *,
    params: Params | None = None,
    json: Any = None,
    content: bytes | Pieces | None = None,
    headers: Mapping[str, str] | None = None,
    key: str | None = None,
    safe: bool | None = None,
) -> Steps[Any]:
    """The JSON of the answer; None where there is none. A POST with a `key` has its effect once."""
    keyed = {} if key is None else {"Idempotency-Key": key}
    safe = (method not in UNSAFE or key is not None) if safe is None else safe
    request = Request(method, path, _query(params or {}), json, content, {**(headers or {}), **keyed}, safe)
    answer = yield request
    return _document(answer) if answer.is_success else None


def new_key() -> str:
    """An Idempotency-Key for one call and the repetitions of it."""
    return uuid.uuid4().hex


def create(path: str, body: Any = None) -> Steps[Any]:
    """A POST that is answered once, however often it is sent."""
    return call("POST", path, json=body, key=new_key())


def pages(path: str, params: Params, limit: int | None = None) -> Items[Any]:
    """The items of a list, page after page, all of them or the first `limit`."""
    query, left = _query(params), limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        answer = yield Request("GET", path, {**query, "limit": str(size)})
        page = _document(answer)
        if not isinstance(page, dict) or "items" not in page:
            raise ServerError(f"{answer.url} did not answer with a list of items")
        for item in page["items"][:left]:
            yield Found(item)
        left = None if left is None else left - len(page["items"])
        if not page.get("next_cursor"):
            return
        query = query | {"cursor": page["next_cursor"]}


def attempts(request: Request, signature: Signature, retry: Retry, *, met: bool) -> Steps[httpx2.Response]:
    """The successful answer to a request, or that there is nothing left to delete; else the last failure."""
    began, tries, renewed, lost = time.monotonic(), 0, False, False
    token = yield from current(signature)
    while True:
        try:
            answer: httpx2.Response = yield Send(request, token)
            if answer.is_success or (lost and request.method == "DELETE" and answer.status_code == 404):
                return answer
            failure = problem_of(answer)
            met = True
        except ServerError as error:
            failure = error
        if failure.status == 401 and signature.renews and not renewed:
            renewed, token = True, (yield Work(partial(signature.renewed, token)))
            continue
        tries, lost = tries + 1, lost or failure.status in UNKNOWN
        failure.tries = tries
        seconds = _wait(request, failure, retry, began, met=met)
        if seconds is None:
            raise failure
        yield Wait(seconds)


def current(signature: Signature) -> Steps[str]:
    """The token to sign in with now."""
    if not signature.renews:
        return signature.token()
    token: str = yield Work(signature.token)
    return token


def given(params: Params) -> dict[str, Any]:
    """Without what was not asked for."""
    return {name: value for name, value in params.items() if value is not None}


def segment(name: str) -> str:
    """A name as one part of a path, so that no name leads elsewhere."""
    if name in {"", ".", ".."}:
        raise ServerError(f"{name!r} is not a name; names are small letters, digits, - and _")
    return quote(name, safe="")


def _query(params: Params) -> dict[str, Any]:
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in given(params).items()
    }


def _wait(request: Request, failure: ServerError, retry: Retry, began: float, *, met: bool) -> float | None:
    if not may_pass(request, failure, met=met):
        return None
    return retry.wait_seconds(failure, time.monotonic() - began, random.SystemRandom().random())


def _document(answer: httpx2.Response) -> Any:
    if not answer.content:
        return None
    try:
        return answer.json()
    except ValueError as error:
        raise ServerError(
            f"{answer.url} answered something else than JSON; is that the platform's address?"
        ) from error
