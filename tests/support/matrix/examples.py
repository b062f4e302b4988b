"""The document of the gateway with an example for every operation that succeeds, so that a fuzzer reaches all of it."""

import copy
from typing import Any

from tests.support.matrix.documents import documented
from tests.support.matrix.row import Call
from tests.support.matrix.rows import ROWS
from tests.support.matrix.world import World

Json = dict[str, Any]
ENDLESS = "/api/v1/anomalies/stream"


async def with_examples(world: World) -> Json:
    answer = await world.doors["gateway"].get("/openapi.json")
    document: Json = copy.deepcopy(answer.json())
    del document["paths"][ENDLESS]
    for route in documented():
        if route.path == ENDLESS:
            continue
        call = await ROWS[str(route)].make(world)
        _exemplify(document["paths"][route.path][route.method.lower()], call)
    return document


def _exemplify(operation: Json, call: Call) -> None:
    known = {"limit": 5, "dry_run": True} | dict(call.names) | dict(call.query or {})
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in known:
            parameter["example"] = known[parameter["name"]]
    content = operation.get("requestBody", {}).get("content", {})
    for media_type, body in (
        ("application/json", call.body),
        ("application/x-www-form-urlencoded", call.form),
    ):
        if body is not None and media_type in content:
            content[media_type].pop("examples", None)
            content[media_type]["example"] = body
