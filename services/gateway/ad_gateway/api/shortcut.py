"""What services own goes to them at once: the routes of the framework, of which it is none, cost a tenth of a call."""

from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from ad_gateway.api.proxy import METHODS
from ad_gateway.domain.owners import owner

TAKEN = frozenset(METHODS)


class Shortcut:
    """Plain ASGI, around the application; errors become the same problems as there."""

    def __init__(self, app: ASGIApp, proxy: ASGIApp) -> None:
        self._app = app
        self._proxy = proxy
        self._guarded: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in TAKEN or owner(scope["path"]) is None:
            await self._app(scope, receive, send)
            return
        if self._guarded is None:
            self._guarded = ExceptionMiddleware(self._proxy, handlers=scope["app"].exception_handlers)
        await self._guarded(scope, receive, send)
