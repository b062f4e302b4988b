"""A client for the two calls of a Confluent schema registry that are needed here."""

import json
from typing import Any, TypeVar
from urllib.parse import quote

import httpx2 as httpx

from ad_contracts.errors import RegistryError, UnknownSchemaError

JSON = "application/vnd.schemaregistry.v1+json"
NOT_FOUND = 404
T = TypeVar("T")


class SchemaRegistry:
    """Registers and fetches schemas; ids never change their meaning, so each is fetched once."""

    def __init__(self, url: str, timeout_seconds: float = 10.0) -> None:
        self._url = url.rstrip("/")
        self._http = httpx.AsyncClient(timeout=timeout_seconds, headers={"Accept": JSON})
        self._schemas: dict[int, dict[str, Any]] = {}
        self._ids: dict[tuple[str, str], int] = {}

    async def close(self) -> None:
        await self._http.aclose()

    async def register(self, subject: str, schema: dict[str, Any]) -> int:
        """The id of a schema; registering it again gives the same."""
        text = json.dumps(schema, sort_keys=True)
        if (subject, text) not in self._ids:
            path = f"/subjects/{quote(subject, safe='')}/versions"
            answer = await self._call("POST", path, {"schema": text})
            self._ids[subject, text] = _field(answer, "id", int, path)
        return self._ids[subject, text]

    async def schema(self, schema_id: int) -> dict[str, Any]:
        """The schema of an id."""
        if schema_id not in self._schemas:
            path = f"/schemas/ids/{schema_id}"
            answer = await self._call("GET", path, None)
            if answer is None:
                raise UnknownSchemaError(
                    f"schema id {schema_id} is not in the registry {self._url}", schema_id
                )
            self._schemas[schema_id] = _parsed(_field(answer, "schema", str, path), path)
        return self._schemas[schema_id]

    async def _call(self, method: str, path: str, body: dict[str, str] | None) -> Any:
        try:
            answer = await self._http.request(
                method, self._url + path, json=body, headers={"Content-Type": JSON} if body else None
            )
        except httpx.HTTPError as error:
            raise RegistryError(
                f"{method} {self._url}{path}: {type(error).__name__} {error}".rstrip()
            ) from error
        if method == "GET" and answer.status_code == NOT_FOUND:
            return None
        if not answer.is_success:
            raise RegistryError(f"{method} {self._url}{path}: {answer.status_code} {answer.text[:200]}")
        return _json(answer, path)


def _json(answer: httpx.Response, path: str) -> Any:
    try:
        return answer.json()
    except ValueError as error:
        raise RegistryError(f"{path}: the answer is not JSON, is this a schema registry?") from error


def _field(answer: Any, name: str, kind: type[T], path: str) -> T:
    value = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(value, kind):
        raise RegistryError(f"{path}: the answer has no {name!r}, is this a schema registry?")
    return value


def _parsed(text: str, path: str) -> dict[str, Any]:
    schema = json.loads(text) if text.lstrip().startswith("{") else None
    if not isinstance(schema, dict):
        raise RegistryError(f"{path}: the schema is not an Avro record")
    return schema
