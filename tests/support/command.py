"""Running the command line inside a test."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from anomaly_detection.cli.main import run


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document on stdout."""
        return json.loads(self.out)


class Command:
    """Calls `anomaly_detection` with arguments."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Outcome:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            run([str(argument) for argument in arguments])
        out, err = self._capsys.readouterr()
        return Outcome(int(caught.value.code or 0), out, err)
