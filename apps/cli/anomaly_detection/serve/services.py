"""The services by name, imported when they are run."""

import importlib
from typing import Any

# In the order in which they start: each may ask those before it.
SERVICES = {
    "auth": "ad_auth.main",
    "ingestion": "ad_ingestion.main",
    "model_registry": "ad_model_registry.main",
    "training": "ad_training.main",
    "detection": "ad_detection.main",
    "gateway": "ad_gateway.main",
}
EDGE = "gateway"


def build_of(name: str) -> Any:
    """The wiring function of a service."""
    return importlib.import_module(SERVICES[name]).build
