"""What the rules look at: the packages of this workspace and their files."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
MEMBERS = sorted(
    [ROOT / "contracts", ROOT / "apps" / "cli", *(ROOT / "libs").iterdir(), *(ROOT / "services").iterdir()]
)
SERVICES = sorted((ROOT / "services").iterdir())


def package_of(member: Path) -> Path:
    """The one importable folder of a member."""
    [package] = [path.parent for path in member.glob("*/__init__.py")]
    return package


PACKAGES = [package_of(member) for member in MEMBERS]


def modules(package: Path) -> list[Path]:
    return sorted(path for path in package.rglob("*.py") if "migrations" not in path.parts)


def every_module() -> list[Path]:
    return [path for package in PACKAGES for path in modules(package)]


def test_modules() -> list[Path]:
    return sorted((ROOT / "tests").rglob("*.py"))


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> list[tuple[str, int]]:
    """Names and lengths (lines of body without the docstring) of all functions of a file."""
    found = []
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            length = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
            found.append((f"{shown(path)}:{node.lineno} {node.name}", length))
    return found
