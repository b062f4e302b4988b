"""Passes a request on to the service that owns it, and the answer back as it comes."""

from collections.abc import AsyncIterator, Mapping

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.background import BackgroundTask

from ad_chassis.http import ServiceClient
from ad_chassis.http.context import REQUEST_ID_HEADER

# RFC 9110, 7.6.1: these speak of one connection, not of the message. The client sets its own length and host.
HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
    "content-length",
    "authorization",
    "traceparent",
    "x-tenant",
}
NOT_ANSWERED = HOP_BY_HOP - {"content-length"} | {"server", "date", REQUEST_ID_HEADER.lower()}
BODILESS = {"GET", "HEAD", "DELETE"}


class ServiceForwarder:
    """One per process; the clients keep their connections."""

    def __init__(self, clients: Mapping[str, ServiceClient], timeout_seconds: float) -> None:
        self._clients = clients
        self._timeout_seconds = timeout_seconds

    async def forward(self, request: Request, service: str, token: str | None) -> StreamingResponse:
        """The answer of the service, problems included. The caller's token goes along, never the gateway's own."""
        opened = self._clients[service].stream(
            request.method,
            _target(request),
            check=False,
            content=None if request.method in BODILESS else request.stream(),
            headers=_kept(request.headers, HOP_BY_HOP),
            token=token,
            timeout_seconds=self._timeout_seconds,
        )
        answer = await opened.__aenter__()

        async def close() -> None:
            await opened.__aexit__(None, None, None)

        async def body() -> AsyncIterator[bytes]:
            async for chunk in answer.aiter_raw():
                yield chunk

        return StreamingResponse(
            body(), answer.status_code, _kept(answer.headers, NOT_ANSWERED), background=BackgroundTask(close)
        )


def _target(request: Request) -> str:
    query = request.url.query
    path = request.scope.get("raw_path", request.url.path.encode()).decode("ascii")
    return f"{path}?{query}" if query else path


def _kept(headers: Mapping[str, str], left_out: set[str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in left_out}
