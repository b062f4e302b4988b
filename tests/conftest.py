"""Markers by folder, and the servers that tests may ask for."""

from pathlib import Path

import hypothesis
import pytest

pytest_plugins = ["tests.servers.plugin", "tests.support.attacked"]

MARKERS = {"unit", "integration", "e2e", "performance", "security", "api", "ui", "faults"}
ROOT = Path(__file__).parent

# The first example may have to wait for a kernel to be compiled.
hypothesis.settings.register_profile("project", deadline=None)
hypothesis.settings.load_profile("project")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = Path(item.path).relative_to(ROOT).parts[0]
        item.add_marker(folder if folder in MARKERS else "unit")
