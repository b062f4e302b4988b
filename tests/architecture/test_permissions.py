"""Every route of every service says who may call it, and a new one is entered here on purpose."""

import json
from collections.abc import Iterator

from ad_chassis.security.permissions import EVERYTHING
from tests.architecture import project
from tests.support.matrix.documents import permission_of
from tests.support.matrix.runner import CALLER, OPEN

OPERATIONS = ("health", "health/live", "health/ready")
METRICS = "GET /api/v1/metrics"
NEEDED = {
    **{f"GET /api/v1/{each}": OPEN for each in OPERATIONS},
    METRICS: "metrics:read",
    # auth
    "POST /api/v1/auth/token": OPEN,
    "POST /api/v1/auth/refresh": OPEN,
    "POST /api/v1/auth/revoke": OPEN,
    "GET /api/v1/auth/jwks.json": OPEN,
    "GET /.well-known/oauth-authorization-server": OPEN,
    "GET /api/v1/auth/authorize": OPEN,
    "POST /api/v1/auth/authorize": OPEN,
    "POST /api/v1/auth/device": OPEN,
    "GET /api/v1/auth/device": OPEN,
    "POST /api/v1/auth/device/decision": OPEN,
    "GET /api/v1/auth/external": OPEN,
    "GET /api/v1/auth/external/callback": OPEN,
    "POST /api/v1/auth/introspect": "tokens:introspect",
    "GET /api/v1/users": "users:read",
    "POST /api/v1/users": "users:write",
    "GET /api/v1/users/{user_id}": "users:read",
    "PATCH /api/v1/users/{user_id}": "users:write",
    "DELETE /api/v1/users/{user_id}": "users:write",
    "GET /api/v1/auth/me": CALLER,
    "GET /api/v1/users/me/totp": CALLER,
    "POST /api/v1/users/me/totp": CALLER,
    "POST /api/v1/users/me/totp/confirm": CALLER,
    "POST /api/v1/users/me/totp/remove": CALLER,
    "DELETE /api/v1/users/{user_id}/totp": "users:write",
    "GET /api/v1/roles": "roles:read",
    "POST /api/v1/roles": "roles:write",
    "GET /api/v1/roles/{name}": "roles:read",
    "PUT /api/v1/roles/{name}": "roles:write",
    "DELETE /api/v1/roles/{name}": "roles:write",
    "GET /api/v1/tenants": "tenants:read",
    "POST /api/v1/tenants": "tenants:write",
    "GET /api/v1/tenants/{tenant}": "tenants:read",
    "PATCH /api/v1/tenants/{tenant}": "tenants:write",
    **{
        f"{call}/{service}": needed
        for service in ("auth", "detection", "ingestion", "model_registry", "training")
        for call, needed in (
            ("GET /api/v1/tenants/{tenant}/data", "tenants:read"),
            ("GET /api/v1/tenants/{tenant}/objects", "tenants:read"),
            ("DELETE /api/v1/tenants/{tenant}/data", "tenants:write"),
        )
    },
    "GET /api/v1/api-keys": "api_keys:read",
    "POST /api/v1/api-keys": "api_keys:write",
    "GET /api/v1/api-keys/{key_id}": "api_keys:read",
    "PATCH /api/v1/api-keys/{key_id}": "api_keys:write",
    "DELETE /api/v1/api-keys/{key_id}": "api_keys:write",
    "POST /api/v1/api-keys/{key_id}/rotate": "api_keys:write",
    "GET /api/v1/audit": "audit:read",
    "GET /api/v1/audit/head": "audit:read",
    # detection
    "POST /api/v1/detect": "detect:run",
    "GET /api/v1/scores": "scores:read",
    "GET /api/v1/detectors": "detectors:read",
    "GET /api/v1/anomalies": "anomalies:read",
    "GET /api/v1/anomalies/{anomaly_id}": "anomalies:read",
    "GET /api/v1/episodes": "anomalies:read",
    "GET /api/v1/episodes/{episode_id}": "anomalies:read",
    "POST /api/v1/replays": "replays:write",
    "GET /api/v1/replays": "replays:read",
    "GET /api/v1/replays/{replay_id}": "replays:read",
    "DELETE /api/v1/replays/{replay_id}": "replays:write",
    "GET /api/v1/replays/{replay_id}/anomalies": "replays:read",
    "POST /api/v1/replays/{replay_id}/cancel": "replays:write",
    "POST /api/v1/replays/{replay_id}/publish": "replays:publish",
    "GET /api/v1/streams/{stream}/comparison": "models:read",
    "GET /api/v1/streams/{stream}/partitions": "streams:read",
    "GET /api/v1/streams/{stream}/entities": "streams:read",
    # ingestion
    "POST /api/v1/streams": "streams:write",
    "GET /api/v1/streams": "streams:read",
    "GET /api/v1/streams/{name}": "streams:read",
    "PATCH /api/v1/streams/{name}": "streams:write",
    "DELETE /api/v1/streams/{name}": "streams:write",
    "POST /api/v1/streams/{name}/records": "records:write",
    "GET /api/v1/streams/{name}/records": "records:read",
    "GET /api/v1/streams/{name}/rejected": "dead_letters:read",
    "GET /api/v1/rejected": "dead_letters:read",
    "DELETE /api/v1/rejected": "dead_letters:write",
    "GET /api/v1/rejected/summary": "dead_letters:read",
    "GET /api/v1/rejected/{id}": "dead_letters:read",
    "DELETE /api/v1/rejected/{id}": "dead_letters:write",
    "POST /api/v1/rejected/replay": "dead_letters:write",
    "POST /api/v1/rejected/{id}/replay": "dead_letters:write",
    # gateway
    "POST /api/v1/ws/tickets": "anomalies:read",
    "GET /api/v1/anomalies/stream": "anomalies:read",
    # model_registry
    "GET /api/v1/models": "models:read",
    "GET /api/v1/models/{name}": "models:read",
    "POST /api/v1/models/{name}/versions": "models:write",
    "GET /api/v1/models/{name}/versions/{version}": "models:read",
    "DELETE /api/v1/models/{name}/versions/{version}": "models:write",
    "GET /api/v1/models/{name}/versions/{version}/artifact": "models:read",
    "POST /api/v1/models/{name}/promote": "models:promote",
    "POST /api/v1/models/{name}/rollback": "models:promote",
    "PUT /api/v1/deployments/{stream}/challengers": "models:promote",
    "DELETE /api/v1/deployments/{stream}": "models:promote",
    "GET /api/v1/deployments/{stream}": "models:read",
    "GET /api/v1/deployments": "models:read",
    # training
    "POST /api/v1/train": "training:write",
    "GET /api/v1/train": "training:read",
    "GET /api/v1/train/{job_id}": "training:read",
    "DELETE /api/v1/train/{job_id}": "training:write",
    "POST /api/v1/train/{job_id}/cancel": "training:write",
}


def said() -> Iterator[tuple[str, str]]:
    for file in sorted((project.ROOT / "contracts" / "openapi").glob("*.json")):
        document = json.loads(file.read_text())
        for path, item in document["paths"].items():
            for method, operation in item.items():
                route = f"{method.upper()} {path}"
                # Services show theirs to the network that they share; only the gateway's are in everybody's reach.
                if route != METRICS or file.stem == "gateway":
                    yield route, permission_of(operation)


def test_every_route_needs_the_permission_that_is_entered_for_it() -> None:
    # The documents are what `require` says of itself; that they are new is tested with the contracts.
    assert dict(said()) == NEEDED


def test_every_permission_opens_a_route() -> None:
    assert {each for each in NEEDED.values() if each not in (OPEN, CALLER)} == EVERYTHING
