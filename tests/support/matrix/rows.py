"""A row for every route: a call that succeeds for the victim's administrator, and what others get for the same."""

from collections.abc import Mapping
from typing import Any

from tests.support.matrix.account_rows import ACCOUNT_ROWS
from tests.support.matrix.row import Call, Fate, Make, Row
from tests.support.matrix.signing_in_rows import SIGNING_IN_ROWS
from tests.support.matrix.world import PASSWORD, STREAM, VICTIM, World, rejected, trained, until
from tests.support.replays import SCHEMA, rows

MODEL = f"{VICTIM}-model"
ACCOUNT = {"role": "viewer"}


def named(body: Any = None, query: Mapping[str, Any] | None = None, **names: Any) -> Make:
    async def make(_world: World) -> Call:
        return Call(names, body, query)

    return make


nothing = named()
of_stream = named(stream=STREAM)
of_name = named(name=STREAM)


async def new_user(world: World) -> Call:
    return Call({}, {"username": world.new("user"), "password": PASSWORD} | ACCOUNT)


def a_user(body: Any = None) -> Make:
    async def make(world: World) -> Call:
        call = await new_user(world)
        return Call({"user_id": (await world.post("/users", call.body))["id"]}, body)

    return make


async def new_role(world: World) -> Call:
    return Call({}, {"name": world.new("role"), "permissions": ["read"]})


def a_role(body: Any = None) -> Make:
    async def make(world: World) -> Call:
        role = (await new_role(world)).body
        await world.post("/roles", role)
        return Call({"name": role["name"]}, body)

    return make


async def new_key(world: World) -> Call:
    return Call({}, {"name": world.new("key")} | ACCOUNT)


def a_key(body: Any = None) -> Make:
    async def make(world: World) -> Call:
        key = await world.post("/api-keys", (await new_key(world)).body)
        return Call({"key_id": key["id"]}, body)

    return make


async def new_stream(world: World) -> Call:
    return Call({}, {"name": world.new("stream"), "schema": SCHEMA})


def a_stream(body: Any = None) -> Make:
    async def make(world: World) -> Call:
        stream = (await new_stream(world)).body
        await world.post("/streams", stream)
        return Call({"name": stream["name"]}, body)

    return make


async def new_records(_world: World) -> Call:
    return Call({"name": STREAM}, rows(3))


def a_letter(body: Any = None, name: str | None = "id", query: Mapping[str, Any] | None = None) -> Make:
    async def make(world: World) -> Call:
        letter = await rejected(world)
        return Call({name: letter} if name else {}, body, query)

    return make


def first(path: str, name: str) -> Make:
    """The newest of a list."""

    async def make(world: World) -> Call:
        return Call({name: (await world.call("GET", path))["items"][0]["id"]})

    return make


async def ended(world: World, replay: str) -> None:
    async def over() -> bool:
        found = await world.call("GET", f"/replays/{replay}")
        return found["state"] not in {"queued", "running"}

    await until(over, "the end of a replay")


def a_replay(body: Any = None, *, over: bool = True) -> Make:
    async def make(world: World) -> Call:
        replay = await world.post("/replays", {"stream": STREAM, "source": "log"})
        if over:
            await ended(world, replay["id"])
        return Call({"replay_id": replay["id"]}, body)

    return make


async def a_job(world: World) -> Call:
    """One that has to be ended: it searches for longer than all attacks take."""
    body = {"model": world.new("auto"), "algorithm": "auto", "source": {"stream": STREAM}}
    job = await world.post("/train", body | {"time_limit_seconds": 120})
    return Call({"job_id": job["id"]})


async def a_finished_job(world: World) -> Call:
    body = {"model": world.new("model"), "algorithm": "zscore", "source": {"stream": STREAM}}
    return Call({"job_id": (await world.post("/train", body))["id"]})


async def new_job(world: World) -> Call:
    return Call({}, {"model": world.new("model"), "algorithm": "zscore", "source": {"stream": STREAM}})


def a_version(**query: Any) -> Make:
    """A version that scores no stream."""

    async def make(world: World) -> Call:
        model = world.new("spare")
        await trained(world, model)
        return Call({"name": model, "version": 1}, query=query)

    return make


async def an_artifact(world: World) -> Call:
    headers = {"Authorization": f"Bearer {world.tokens[VICTIM]}"}
    answer = await world.doors["gateway"].get(f"/api/v1/models/{MODEL}/versions/1/artifact", headers=headers)
    assert answer.is_success, answer.text
    return Call({"name": MODEL}, content=answer.content, headers={"Content-Type": "application/zip"})


async def a_deployment(world: World) -> Call:
    """One that can be ended."""
    stream = (await a_stream()(world)).names["name"]
    await world.post(f"/models/{MODEL}/promote", {"stream": stream, "version": 1})
    return Call({"stream": stream})


PUBLIC = Row(nothing, "apart", "apart", "anybody")
PAGE = Row(nothing, "apart", "apart")
SHARED = Row(nothing, "apart", "shared")
TENANT = {"tenant": "closed"}
HIDDEN: Mapping[str, Fate] = {"foreign": "hidden", "bound": "hidden"}
ROWS: Mapping[str, Row] = {
    **ACCOUNT_ROWS,
    **{f"GET /api/v1/{each}": PUBLIC for each in ("health", "health/live", "health/ready")},
    "GET /api/v1/metrics": Row(nothing, "refused", "refused", "services"),
    # auth
    **SIGNING_IN_ROWS,
    "GET /api/v1/auth/me": PAGE,
    "GET /api/v1/users": SHARED,
    "POST /api/v1/users": Row(new_user, "apart", "refused"),
    "GET /api/v1/users/{user_id}": Row(a_user(), "hidden", "shared"),
    "PATCH /api/v1/users/{user_id}": Row(a_user({"role": "analyst"}), "hidden", "refused"),
    "DELETE /api/v1/users/{user_id}": Row(a_user(), "hidden", "refused"),
    "GET /api/v1/roles": SHARED,
    "POST /api/v1/roles": Row(new_role, "apart", "refused"),
    "GET /api/v1/roles/{name}": Row(a_role(), "hidden", "shared"),
    "PUT /api/v1/roles/{name}": Row(a_role({"permissions": ["models:read"]}), "hidden", "refused"),
    "DELETE /api/v1/roles/{name}": Row(a_role(), "hidden", "refused"),
    "GET /api/v1/tenants/{tenant}": Row(named(**TENANT), "refused", "refused", "services"),
    "PATCH /api/v1/tenants/{tenant}": Row(
        named({"suspended": True}, **TENANT), "refused", "refused", "services"
    ),
    "GET /api/v1/api-keys": SHARED,
    "POST /api/v1/api-keys": Row(new_key, "apart", "refused"),
    "GET /api/v1/api-keys/{key_id}": Row(a_key(), "hidden", "shared"),
    "PATCH /api/v1/api-keys/{key_id}": Row(a_key({"name": f"{VICTIM}-renamed"}), "hidden", "refused"),
    "DELETE /api/v1/api-keys/{key_id}": Row(a_key(), "hidden", "refused"),
    "POST /api/v1/api-keys/{key_id}/rotate": Row(a_key({}), "hidden", "refused"),
    # detection
    "POST /api/v1/detect": Row(
        named({"data": [{"load": 1, "heat": 2}], "model": f"{MODEL}@1"}), "hidden", "shared"
    ),
    "GET /api/v1/scores": Row(named(query={"stream": STREAM}), **HIDDEN),
    "GET /api/v1/detectors": PAGE,
    "GET /api/v1/anomalies": PAGE,
    "GET /api/v1/anomalies/{anomaly_id}": Row(first("/anomalies", "anomaly_id"), **HIDDEN),
    "GET /api/v1/episodes": PAGE,
    "GET /api/v1/episodes/{episode_id}": Row(first("/episodes", "episode_id"), **HIDDEN),
    "POST /api/v1/replays": Row(named({"stream": STREAM}), **HIDDEN),
    "GET /api/v1/replays": PAGE,
    "GET /api/v1/replays/{replay_id}": Row(a_replay(), **HIDDEN),
    "DELETE /api/v1/replays/{replay_id}": Row(a_replay(), **HIDDEN),
    "GET /api/v1/replays/{replay_id}/anomalies": Row(a_replay(), **HIDDEN),
    "POST /api/v1/replays/{replay_id}/cancel": Row(a_replay(over=False), **HIDDEN),
    "POST /api/v1/replays/{replay_id}/publish": Row(a_replay({}), **HIDDEN),
    "GET /api/v1/streams/{stream}/comparison": Row(of_stream, **HIDDEN),
    "GET /api/v1/streams/{stream}/partitions": Row(of_stream, **HIDDEN),
    "GET /api/v1/streams/{stream}/entities": Row(of_stream, **HIDDEN),
    # ingestion
    "POST /api/v1/streams": Row(new_stream, "apart", "refused"),
    "GET /api/v1/streams": PAGE,
    "GET /api/v1/streams/{name}": Row(of_name, **HIDDEN),
    "PATCH /api/v1/streams/{name}": Row(a_stream({"on_extra": "reject"}), **HIDDEN),
    "DELETE /api/v1/streams/{name}": Row(a_stream(), **HIDDEN),
    "POST /api/v1/streams/{name}/records": Row(new_records, **HIDDEN),
    "GET /api/v1/streams/{name}/records": Row(of_name, **HIDDEN),
    "GET /api/v1/streams/{name}/rejected": Row(of_name, **HIDDEN),
    "GET /api/v1/rejected": PAGE,
    "DELETE /api/v1/rejected": Row(a_letter(name=None, query={"stream": STREAM}), "apart", "apart"),
    "GET /api/v1/rejected/summary": PAGE,
    "GET /api/v1/rejected/{id}": Row(a_letter(), **HIDDEN),
    "DELETE /api/v1/rejected/{id}": Row(a_letter(), **HIDDEN),
    "POST /api/v1/rejected/replay": Row(a_letter({"stream": STREAM}, name=None), "apart", "apart"),
    "POST /api/v1/rejected/{id}/replay": Row(a_letter({"dry_run": True}), **HIDDEN),
    # gateway
    "POST /api/v1/ws/tickets": SHARED,
    "GET /api/v1/anomalies/stream": PAGE,
    # model_registry
    "GET /api/v1/models": SHARED,
    "GET /api/v1/models/{name}": Row(named(name=MODEL), "hidden", "shared"),
    "POST /api/v1/models/{name}/versions": Row(an_artifact, "apart", "shared"),
    "GET /api/v1/models/{name}/versions/{version}": Row(named(name=MODEL, version=1), "hidden", "shared"),
    "DELETE /api/v1/models/{name}/versions/{version}": Row(a_version(), "hidden", "shared"),
    "GET /api/v1/models/{name}/versions/{version}/artifact": Row(
        named(name=MODEL, version=1), "hidden", "shared"
    ),
    "POST /api/v1/models/{name}/promote": Row(named({"stream": STREAM, "version": 2}, name=MODEL), **HIDDEN),
    "POST /api/v1/models/{name}/rollback": Row(named({"stream": STREAM}, name=MODEL), **HIDDEN),
    "PUT /api/v1/deployments/{stream}/challengers": Row(
        named({"challengers": [{"model": MODEL, "version": 1}]}, stream=STREAM), **HIDDEN
    ),
    "DELETE /api/v1/deployments/{stream}": Row(a_deployment, **HIDDEN),
    "GET /api/v1/deployments/{stream}": Row(of_stream, **HIDDEN),
    "GET /api/v1/deployments": PAGE,
    # training
    "POST /api/v1/train": Row(new_job, **HIDDEN),
    "GET /api/v1/train": PAGE,
    "GET /api/v1/train/{job_id}": Row(a_finished_job, **HIDDEN),
    "DELETE /api/v1/train/{job_id}": Row(a_job, **HIDDEN),
    "POST /api/v1/train/{job_id}/cancel": Row(a_job, **HIDDEN),
}
