"""The client of another service: time-outs, retries, tokens, ids, and problems turned back into errors."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx2
import stamina
from opentelemetry.trace import SpanKind
from starlette.types import ASGIApp

from ad_chassis.errors import Unavailable
from ad_chassis.http.context import REQUEST_ID_HEADER, current_request_id
from ad_chassis.http.in_process import InProcessTransport
from ad_chassis.http.remote_errors import NotReached, error_of, may_retry
from ad_chassis.security.access import TENANT_HEADER
from ad_chassis.security.token_source import StaticTokenSource, TokenSource
from ad_chassis.settings import TelemetrySettings
from ad_chassis.telemetry import Telemetry, current_traceparent

IN_PROCESS_URL = "http://in-process"
Params = Mapping[str, str | int | float | bool | list[str] | None]
Content = bytes | AsyncIterator[bytes]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a service is: at an address, or in this process."""

    base_url: str = IN_PROCESS_URL
    app: ASGIApp | None = None


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    attempts: int = 5
    total_seconds: float = 30.0
    first_wait_seconds: float = 0.1
    longest_wait_seconds: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. A `token` of the caller's own replaces that of the service."""

    method: str
    path: str
    params: Params | None = None
    json: Any = None
    content: Content | None = None
    data: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    token: str | None = None
    tenant: str | None = None
    timeout_seconds: float | None = None

    @property
    def repeatable(self) -> bool:
        return self.content is None or isinstance(self.content, bytes)


class ServiceClient:
    """Calls one service. Where it is gets looked up at the first call, when every service is known."""

    def __init__(
        self,
        name: str,
        locate: Callable[[], Target],
        *,
        tokens: TokenSource | None = None,
        timeout_seconds: float = 30.0,
        retries: RetryPolicy | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        self.name = name
        self._locate = locate
        self._tokens = tokens or StaticTokenSource(None)
        self._timeout_seconds = timeout_seconds
        self._retries = retries or RetryPolicy()
        self._telemetry = telemetry or Telemetry(name, "", TelemetrySettings(otlp_endpoint=None))
        self._http: httpx2.AsyncClient | None = None

    async def get(self, path: str, **options: Any) -> httpx2.Response:
        return await self.request("GET", path, **options)

    async def post(self, path: str, **options: Any) -> httpx2.Response:
        return await self.request("POST", path, **options)

    async def put(self, path: str, **options: Any) -> httpx2.Response:
        return await self.request("PUT", path, **options)

    async def patch(self, path: str, **options: Any) -> httpx2.Response:
        return await self.request("PATCH", path, **options)

    async def delete(self, path: str, **options: Any) -> httpx2.Response:
        return await self.request("DELETE", path, **options)

    async def request(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """The whole answer. Options are the fields of `Call`; a problem is raised as its error."""
        call = Call(method=method, path=path, **options)
        with self._telemetry.span(f"{method} {self.name}", kind=SpanKind.CLIENT):
            async for attempt in self._attempts(call):
                with attempt:
                    return await self._whole(call)
        raise Unavailable(
            f"{self.name} was not asked"
        )  # pragma: no cover - the last attempt returns or raises

    @asynccontextmanager
    async def stream(
        self, method: str, path: str, *, check: bool = True, **options: Any
    ) -> AsyncIterator[httpx2.Response]:
        """The answer as it comes in, once; `check=False` lets problems pass as they are."""
        call = Call(method=method, path=path, **options)
        with self._telemetry.span(f"{method} {self.name}", kind=SpanKind.CLIENT):
            response = await self._send(call)
            try:
                if check and response.is_error:
                    await response.aread()
                    raise error_of(response, self.name, own_token=call.token is not None)
                yield response
            finally:
                await response.aclose()

    async def check(self) -> None:
        """Raises when the service does not answer."""
        await self._whole(Call(method="GET", path="/health/live"), anonymous=True)

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    def _attempts(self, call: Call) -> Any:
        policy = self._retries
        return stamina.retry_context(
            on=lambda error: may_retry(error, call.method, call.headers or {}),
            attempts=policy.attempts if call.repeatable else 1,
            timeout=policy.total_seconds,
            wait_initial=policy.first_wait_seconds,
            wait_max=policy.longest_wait_seconds,
            wait_jitter=policy.first_wait_seconds,
        ).with_name(f"{call.method} {self.name}", (), {})

    async def _whole(self, call: Call, *, anonymous: bool = False) -> httpx2.Response:
        response = await self._send(call, anonymous=anonymous)
        try:
            if response.status_code == 401 and call.token is None and call.repeatable and not anonymous:
                await response.aclose()
                self._tokens.forget()
                response = await self._send(call)
            await response.aread()
        except httpx2.TransportError as error:
            raise Unavailable(f"{self.name} broke off its answer: {type(error).__name__}") from error
        finally:
            await response.aclose()
        if response.is_error:
            raise error_of(response, self.name, own_token=call.token is not None)
        return response

    async def _send(self, call: Call, *, anonymous: bool = False) -> httpx2.Response:
        http = self._connected()
        request = http.build_request(
            call.method,
            call.path,
            params=dict(call.params) if call.params else None,
            json=call.json,
            content=call.content,
            data=dict(call.data) if call.data else None,
            headers=await self._headers(call, anonymous=anonymous),
            timeout=call.timeout_seconds or self._timeout_seconds,
        )
        try:
            return await http.send(request, stream=True)
        except httpx2.ConnectError as error:
            raise NotReached(f"{self.name} cannot be reached at {request.url.host}") from error
        except httpx2.TimeoutException as error:
            seconds = call.timeout_seconds or self._timeout_seconds
            raise Unavailable(f"{self.name} did not answer within {seconds:g} s") from error
        except httpx2.TransportError as error:
            raise Unavailable(f"the connection to {self.name} broke: {type(error).__name__}") from error

    async def _headers(self, call: Call, *, anonymous: bool) -> dict[str, str]:
        headers = dict(call.headers or {})
        token = call.token or (None if anonymous else await self._tokens.token())
        known = {
            "Authorization": f"Bearer {token}" if token else None,
            REQUEST_ID_HEADER: current_request_id(),
            "traceparent": current_traceparent(),
            TENANT_HEADER: call.tenant,
        }
        return headers | {name: value for name, value in known.items() if value is not None}

    def _connected(self) -> httpx2.AsyncClient:
        if self._http is None:
            target = self._locate()
            transport = InProcessTransport(target.app) if target.app else None
            # Cookies are those of a caller's browser: what one was given must not be sent for the next.
            none = CookieJar(DefaultCookiePolicy(allowed_domains=()))
            self._http = httpx2.AsyncClient(
                base_url=target.base_url, transport=transport, follow_redirects=False, cookies=none
            )
        return self._http
