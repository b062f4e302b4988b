"""Which service answers which path."""

OWNERS = {
    "auth": "auth",
    "users": "auth",
    "roles": "auth",
    "api-keys": "auth",
    "tenants": "auth",
    "audit": "auth",
    "streams": "ingestion",
    "rejected": "ingestion",
    "train": "training",
    "models": "model_registry",
    "deployments": "model_registry",
    "anomalies": "detection",
    "episodes": "detection",
    "scores": "detection",
    "detect": "detection",
    "detectors": "detection",
    "replays": "detection",
}
PARTS = {
    ("streams", "comparison"): "detection",
    ("streams", "partitions"): "detection",
    ("streams", "entities"): "detection",
    **{
        ("tenants", f"{what}/{service}"): service
        for what in ("data", "objects")
        for service in ("auth", "ingestion", "training", "model_registry", "detection")
    },
}
"""Parts of a thing, `/api/v1/<things>/<name>/<part>`, that another service answers than the thing itself."""
PLACES = {"/.well-known/oauth-authorization-server": "auth"}
"""Paths that a standard chose."""
PREFIX = "/api/v1/"
OURS = {"/api/v1/anomalies/stream"}
"""What the gateway answers itself below the name of a service's things."""


def owner(path: str) -> str | None:
    """The service that owns `/api/v1/<first part>/…`, or a place of a standard, or None."""
    if not path.startswith(PREFIX):
        return PLACES.get(path)
    if path in OURS:
        return None
    first, _, rest = path.removeprefix(PREFIX).partition("/")
    part = rest.partition("/")[2]
    return PARTS.get((first, part)) or OWNERS.get(first)
