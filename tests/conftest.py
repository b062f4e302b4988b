"""Markers by folder, and the servers that tests may ask for."""

from pathlib import Path

import hypothesis  # noqa: F401 - its first import inside a failure report can crash Python 3.11
import pytest

pytest_plugins = ["tests.servers.plugin"]

MARKERS = {"unit", "integration", "e2e", "performance", "security", "api", "ui"}
ROOT = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = Path(item.path).relative_to(ROOT).parts[0]
        item.add_marker(folder if folder in MARKERS else "unit")
