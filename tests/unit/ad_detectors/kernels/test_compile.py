"""Machine code is thrown away when what it was made of has changed."""

import os
import subprocess
import sys
from pathlib import Path

import ad_detectors

CALLED = "from ad_detectors.kernels.compile import kernel\n@kernel\ndef part(x: float) -> float:\n    return x + {}\n"
CALLER = """from ad_detectors.kernels.compile import kernel
from ad_detectors.kernels.called_for_a_test import part
@kernel
def whole(x: float) -> float:
    return part(x)
"""
RUN = """
import ad_detectors.kernels.caller_for_a_test as caller
print(caller.whole(1.0), sum(caller.whole.stats.cache_hits.values()))
"""


def copy_of_the_package(folder: Path) -> Path:
    """Only what kernels need; the real package must not get files."""
    kernels = folder / "ad_detectors" / "kernels"
    kernels.mkdir(parents=True)
    for name in ("__init__", "compile", "sources"):
        source = Path(ad_detectors.__file__).parent / "kernels" / f"{name}.py"
        (kernels / source.name).write_text(source.read_text())
    (folder / "ad_detectors" / "__init__.py").write_text("")
    (kernels / "caller_for_a_test.py").write_text(CALLER)
    return kernels


def run(folder: Path) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", RUN]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_a_kernel_is_compiled_again_when_one_that_it_calls_has_changed(tmp_path: Path) -> None:
    kernels = copy_of_the_package(tmp_path)
    called = kernels / "called_for_a_test.py"
    called.write_text(CALLED.format("1.0"))
    assert run(tmp_path) == ["2.0", "0"]
    assert run(tmp_path) == ["2.0", "1"]
    called.write_text(CALLED.format("9.0"))
    assert run(tmp_path) == ["10.0", "0"]
