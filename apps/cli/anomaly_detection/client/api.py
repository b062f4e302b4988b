"""Calls of the REST interface, signed in with an API key."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2

from anomaly_detection.client.address import Address
from anomaly_detection.client.problems import ServerError, raise_problem, unreachable

TIMEOUT = httpx2.Timeout(60.0, connect=5.0)
PAGE = 1000
TRIES = 5
FIRST_WAIT_SECONDS = 0.4
AGAIN = {None, 429, 502, 503, 504}
"""What may go away by itself, no answer included."""


class Api:
    """One connection to the gateway; every failure is a `ServerError` of one line."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._http = httpx2.Client(auth=self._signed, timeout=TIMEOUT, trust_env=not address.on_this_machine)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def _signed(self, request: httpx2.Request) -> httpx2.Request:
        request.headers.update(self.address.headers)
        return request

    def call(self, method: str, path: str, **request: Any) -> Any:
        """The JSON of the answer; None where there is none."""
        with self._open(method, path, **request) as answer:
            answer.read()
            if not answer.content:
                return None
            try:
                return answer.json()
            except ValueError as error:
                raise ServerError(
                    f"{self.address.api}{path} answered something else than JSON; is --server the platform's address?"
                ) from error

    def pages(self, path: str, query: Mapping[str, str], limit: int | None = None) -> list[Any]:
        """The items of a list, page after page, all of them or the first `limit`."""
        items: list[Any] = []
        cursor: dict[str, str] = {}
        while limit is None or len(items) < limit:
            size = PAGE if limit is None else min(PAGE, limit - len(items))
            page = self.call("GET", path, params={**query, "limit": str(size), **cursor})
            if not isinstance(page, dict) or "items" not in page:
                raise ServerError(f"{self.address.api}{path} did not answer with a list of items")
            items += page["items"]
            if not page.get("next_cursor"):
                break
            cursor = {"cursor": page["next_cursor"]}
        return items

    def send(self, path: str, content: bytes, content_type: str, idempotency_key: str) -> Any:
        """Posts a body; tried again when the way was cut, which the key makes safe."""
        headers = {"Content-Type": content_type, "Idempotency-Key": idempotency_key}
        for tries in range(1, TRIES + 1):
            try:
                return self.call("POST", path, content=content, headers=headers)
            except ServerError as error:
                if error.status not in AGAIN or tries == TRIES:
                    raise
            time.sleep(FIRST_WAIT_SECONDS * 2 ** (tries - 1))
        raise AssertionError("the last try returns or raises")

    @contextmanager
    def download(self, path: str) -> Iterator[httpx2.Response]:
        """An answer whose body is still to be read."""
        with self._open("GET", path) as answer:
            yield answer

    @contextmanager
    def _open(self, method: str, path: str, **request: Any) -> Iterator[httpx2.Response]:
        try:
            with self._http.stream(method, self.address.api + path, **request) as answer:
                if not answer.is_success:
                    answer.read()
                    raise_problem(answer)
                yield answer
        except httpx2.HTTPError as error:
            raise unreachable(self.address.url, error) from error
        except httpx2.InvalidURL as error:
            raise ServerError(f"{self.address.url} is not an address that can be called: {error}") from error


def segment(name: str) -> str:
    """A name as one part of a path, so that no name leads elsewhere."""
    if name in {"", ".", ".."}:
        raise ServerError(f"{name!r} is not a name; names are small letters, digits, - and _")
    return quote(name, safe="")
