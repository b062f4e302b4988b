"""Which service answers which path."""

OWNERS = {
    "auth": "auth",
    "users": "auth",
    "roles": "auth",
    "api-keys": "auth",
    "streams": "ingestion",
    "rejected": "ingestion",
    "train": "training",
    "models": "model_registry",
    "deployments": "model_registry",
    "anomalies": "detection",
    "scores": "detection",
    "detect": "detection",
    "detectors": "detection",
}
PREFIX = "/api/v1/"


def owner(path: str) -> str | None:
    """The service that owns `/api/v1/<first part>/…`, or None."""
    if not path.startswith(PREFIX):
        return None
    return OWNERS.get(path.removeprefix(PREFIX).split("/", 1)[0])
