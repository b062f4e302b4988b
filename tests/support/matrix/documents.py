"""The routes as the documents of the services tell of them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.matrix.runner import CALLER, OPEN, Route

OPENAPI = Path(__file__).parents[3] / "contracts" / "openapi"
OF_EVERYBODY = ("/api/v1/health", "/api/v1/metrics")
"""Each service has these; what the outside reaches are those of the gateway."""


def documented() -> Iterator[Route]:
    for file in sorted(OPENAPI.glob("*.json")):
        for path, item in json.loads(file.read_text())["paths"].items():
            for method, operation in item.items():
                if file.stem == "gateway" or not path.startswith(OF_EVERYBODY):
                    yield Route(file.stem, method.upper(), path, permission_of(operation))


def permission_of(operation: dict[str, Any]) -> str:
    if "security" not in operation:
        return OPEN
    [[names]] = [list(each.values()) for each in operation["security"]]
    return " ".join(names) or CALLER
