"""Every member of the workspace declares what it imports, and installs and imports alone."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture import project

MEMBERS = [pytest.param(path, id=path.name) for path in project.MEMBERS]
DISTRIBUTIONS = packages_distributions()


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(member: Path) -> set[str]:
    meta = tomllib.loads((member / "pyproject.toml").read_text())["project"]
    wanted = [
        *meta["dependencies"],
        *(dep for extra in meta.get("optional-dependencies", {}).values() for dep in extra),
    ]
    return {canonical(re.split(r"[\[<>=!~ ;]", dep)[0]) for dep in wanted} | {canonical(meta["name"])}


def imported(package: Path) -> set[str]:
    names = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(project.parse(path)):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - set(sys.stdlib_module_names)


@pytest.mark.parametrize("member", MEMBERS)
def test_a_member_declares_every_package_it_imports(member: Path) -> None:
    known = declared(member)
    for name in sorted(imported(project.package_of(member))):
        distributions = {canonical(dist) for dist in DISTRIBUTIONS.get(name, [name])}
        assert distributions & known, (
            f"{member.name} imports {name} and does not declare {sorted(distributions)}"
        )


def closure(member: Path) -> list[Path]:
    """The member and the members that it needs."""
    by_name = {
        canonical(tomllib.loads((path / "pyproject.toml").read_text())["project"]["name"]): path
        for path in project.MEMBERS
    }
    meta = tomllib.loads((member / "pyproject.toml").read_text())["project"]
    needed = {member}
    for dep in meta["dependencies"]:
        other = by_name.get(canonical(re.split(r"[\[<>=!~ ;]", dep)[0]))
        if other and other != member:
            needed |= set(closure(other))
    return sorted(needed)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("member", MEMBERS)
def test_a_member_installs_and_imports_alone(member: Path, tmp_path: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    environment = tmp_path / "venv"
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", environment / "bin" / "python"]
    locked = project.ROOT / "requirements"
    constraints = [
        flag for name in ("run", "dev", "bootstrap") for flag in ("-c", str(locked / f"{name}.lock"))
    ]
    subprocess.run([*install, *constraints, *map(str, closure(member))], check=True)
    package = project.package_of(member)
    names = ["main"] if member.parent.name == "services" else []
    code = f"import {package.name}" + "".join(f"; import {package.name}.{name}" for name in names)
    done = subprocess.run(
        [environment / "bin" / "python", "-c", code],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
