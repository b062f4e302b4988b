"""The made tables of the examples are what their script writes."""

import subprocess
import sys
from pathlib import Path

from tests.architecture import project

EXAMPLES = project.ROOT / "examples"
MADE = {"pumps.csv", "pumps_labelled.csv"}


def test_the_tables_of_the_pumps_are_made_by_their_script(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(EXAMPLES / "make_pumps.py"), str(tmp_path)], check=True)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made.keys() == MADE
    for name, content in made.items():
        assert content == (EXAMPLES / "data" / name).read_bytes(), f"run examples/make_pumps.py: {name}"
