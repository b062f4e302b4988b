"""What was attacked, for the last lines of a run: by this process, or by those that share its tests."""

from typing import Any

import pytest

ATTACKED: list[str] = []
OUTPUT = "attacked"


@pytest.fixture(scope="session")
def attacked() -> list[str]:
    """Takes a line."""
    return ATTACKED


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[OUTPUT] = ATTACKED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    # One that crashed has none.
    ATTACKED.extend(getattr(node, "workeroutput", {}).get(OUTPUT, []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in ATTACKED:
        terminalreporter.write_line(f"attacker matrix: {line}")
