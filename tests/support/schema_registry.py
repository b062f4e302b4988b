"""A schema registry that knows the two calls the codec makes, on a real socket of this machine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote


class FakeRegistry(ThreadingHTTPServer):
    """Ids belong to the content of a schema, as in Confluent's registry. `broken` makes every answer a 500."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.schemas: list[str] = []
        self.subjects: dict[str, list[int]] = {}
        self.calls: list[str] = []
        self.broken = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def register(self, subject: str, schema: str) -> int:
        if schema not in self.schemas:
            self.schemas.append(schema)
        schema_id = self.schemas.index(schema) + 1
        self.subjects.setdefault(subject, []).append(schema_id)
        return schema_id


class _Handler(BaseHTTPRequestHandler):
    server: FakeRegistry

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        subject = unquote(self.path.removeprefix("/subjects/").removesuffix("/versions"))
        self._answer({"id": self.server.register(subject, body["schema"])})

    def do_GET(self) -> None:
        schema_id = int(self.path.removeprefix("/schemas/ids/"))
        if 1 <= schema_id <= len(self.server.schemas):
            self._answer({"schema": self.server.schemas[schema_id - 1]})
        else:
            self._answer({"error_code": 40403, "message": "Schema not found"}, 404)

    def _answer(self, content: dict[str, Any], status: int = 200) -> None:
        self.server.calls.append(f"{self.command} {self.path}")
        body = json.dumps(content).encode()
        self.send_response(500 if self.server.broken else status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Says nothing: the tests look at `calls`."""


@contextmanager
def schema_registry() -> Iterator[FakeRegistry]:
    server = FakeRegistry()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
