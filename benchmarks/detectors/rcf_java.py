"""AWS's random cut forest in Java, run beside ours where there are Maven and a JDK."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent


def updates_per_second(updates: int) -> float | None:
    """Scores and updates of a warm 1-d forest (30 trees of 256, shingle 8); None where Java or Maven is missing."""
    maven, java = shutil.which("mvn"), shutil.which("java")
    if maven is None or java is None or shutil.which("javac") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        copy = [maven, "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
        fetched = subprocess.run(
            [*copy, f"-DoutputDirectory={folder}"], check=False, capture_output=True, text=True
        )
        if fetched.returncode:
            return None
        run = [
            java,
            "-XX:ActiveProcessorCount=1",
            "-cp",
            f"{folder}/*",
            str(HERE / "RandomCutForestRun.java"),
        ]
        done = subprocess.run([*run, str(updates)], check=True, capture_output=True, text=True)
    found = re.search(r"([0-9.]+) updates/s", done.stdout)
    return float(found[1]) if found else None
