"""One OpenAPI document for the whole platform, joined from those of the services."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

Document = dict[str, Any]
OPERATIONS = {"/api/v1/health", "/api/v1/health/live", "/api/v1/health/ready", "/api/v1/metrics"}


class SchemasDiffer(ValueError):
    """Two services use one name for two things."""


def joined(own: Document, others: Mapping[str, Document]) -> Document:
    """`own` with the paths and schemas of the other services; health and metrics are those of the gateway."""
    whole = copy.deepcopy(own)
    components = whole.setdefault("components", {})
    for service, document in others.items():
        for path, item in document.get("paths", {}).items():
            if path not in OPERATIONS:
                whole["paths"][path] = item
        for kind, entries in document.get("components", {}).items():
            _merge(components.setdefault(kind, {}), entries.items(), service)
    whole["paths"] = dict(sorted(whole["paths"].items()))
    return whole


def _merge(known: dict[str, Any], entries: Iterable[tuple[str, Any]], service: str) -> None:
    for name, entry in entries:
        if known.setdefault(name, entry) != entry:
            raise SchemasDiffer(f"{name} means something else in {service} than in the services before it")
