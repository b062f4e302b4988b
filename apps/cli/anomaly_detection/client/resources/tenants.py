"""Tenants and their data, for whoever runs the platform."""

import json
from typing import Any

from anomaly_detection.client.access_answers import NewTenant, Tenant
from anomaly_detection.client.calling import call, create, pages, segment
from anomaly_detection.client.effects import Found, Items, Read, Request, Steps
from anomaly_detection.client.operations import Resource, Way, many, one


class Tenants(Resource[Way]):
    """Whose data the platform holds."""

    @one
    def create(self, name: str, *, quotas: dict[str, int] | None = None) -> Steps[NewTenant]:
        """Makes a tenant with its first administrator."""
        return create("/tenants", {"name": name, "quotas": quotas or {}})

    @one
    def get(self, name: str) -> Steps[Tenant]:
        """A tenant: its quotas, and since when it is suspended."""
        return call("GET", _path(name))

    @one
    def change(self, /, name: str, **fields: Any) -> Steps[Tenant]:
        """Changes `suspended` or `quotas`; a quota of None goes back to the default."""
        return call("PATCH", _path(name), json=fields)

    @many
    def list(self, *, limit: int | None = None) -> Items[Tenant]:
        return pages("/tenants", {}, limit)

    @many
    def data(self, name: str, service: str) -> Items[dict[str, Any]]:
        """What a service holds of a tenant, row by row; the last one has `end`, with counts."""
        return _lines(Request("GET", f"{_path(name)}/data/{service}", opened=True))

    @many
    def objects(self, name: str, service: str, key: str) -> Items[bytes]:
        """An object of a tenant, piece by piece."""
        return _pieces(Request("GET", f"{_path(name)}/objects/{service}", {"key": key}, opened=True))

    @one
    def erase(self, name: str, service: str) -> Steps[dict[str, dict[str, int]]]:
        """Takes away what a service holds of a suspended tenant; answers what was `erased`."""
        return call("DELETE", f"{_path(name)}/data/{service}", params={"confirm": name})


def _path(tenant: str) -> str:
    return f"/tenants/{segment(tenant)}"


def _pieces(request: Request) -> Items[bytes]:
    yield request
    while (piece := (yield Read())) is not None:
        yield Found(piece)


def _lines(request: Request) -> Items[dict[str, Any]]:
    rest = b""
    yield request
    while (piece := (yield Read())) is not None:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield Found(json.loads(line))
    if rest:
        yield Found(json.loads(rest))
