"""`/` and `/web/…`: the dashboard, read once at start and served from memory."""

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

from ad_chassis.errors import NotFound

WEB = Path(__file__).parents[1] / "web"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
"""What is served; a file of another kind in the folder is not."""
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
ASK_AGAIN = "no-cache"
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it goes over the wire."""

    body: bytes
    zipped: bytes
    media_type: str
    etag: str
    cache: str

    @classmethod
    def read(cls, path: Path) -> "Asset":
        body = path.read_bytes()
        # The names under vendor/ carry the version, so what they name never changes.
        cache = FOR_EVER if path.parent.name == "vendor" else ASK_AGAIN
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        return cls(body, gzip.compress(body, mtime=0), TYPES[path.suffix], etag, cache)

    def answer(self, request: Request) -> Response:
        headers = SECURITY | {"ETag": self.etag, "Cache-Control": self.cache, "Vary": "Accept-Encoding"}
        if self.etag in (each.strip() for each in request.headers.get("if-none-match", "").split(",")):
            return Response(status_code=304, headers=headers)
        body = self.body
        if "gzip" in request.headers.get("accept-encoding", "") and len(self.zipped) < len(body):
            body, headers = self.zipped, headers | {"Content-Encoding": "gzip"}
        return Response(body, media_type=self.media_type, headers=headers)


def routes() -> APIRouter:
    # A request can only name what was found here, so no path leads out of the folder.
    assets = {
        path.relative_to(WEB).as_posix(): Asset.read(path)
        for path in sorted(WEB.rglob("*"))
        if path.suffix in TYPES
    }
    router = APIRouter(include_in_schema=False)

    @router.api_route("/", methods=["GET", "HEAD"])
    async def dashboard(request: Request) -> Response:
        return assets["index.html"].answer(request)

    @router.api_route("/web/{path:path}", methods=["GET", "HEAD"])
    async def dashboard_file(request: Request, path: str) -> Response:
        if path not in assets:
            raise NotFound(f"the dashboard has no file {path[:100]!r}")
        return assets[path].answer(request)

    return router
