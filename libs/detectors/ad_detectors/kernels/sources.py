"""What a kernel is compiled from: its file and those of this package that it imports, directly or not."""

import ast
import hashlib
from functools import cache
from pathlib import Path

PACKAGE = "ad_detectors"
ROOT = Path(__file__).parents[1]


@cache
def source_stamp(module: str) -> str:
    """A hash over the sources of a module and of all modules of this package that it builds on."""
    digest = hashlib.sha256()
    for name in sorted(_reached(module)):
        digest.update(name.encode() + b"\0" + _source(name))
    return digest.hexdigest()


def _reached(module: str) -> set[str]:
    found, waiting = set(), [module]
    while waiting:
        name = waiting.pop()
        if name not in found and _path(name).is_file():
            found.add(name)
            waiting += _imported(name)
    return found


@cache
def _imported(module: str) -> tuple[str, ...]:
    nodes = [node for node in ast.walk(ast.parse(_source(module))) if isinstance(node, ast.ImportFrom)]
    ours = [node for node in nodes if node.module and node.module.split(".")[0] == PACKAGE]
    modules = {str(node.module) for node in ours}
    # In `from ad_detectors.kernels import ewma` the name is a module; `_reached` drops those that are none.
    return tuple(modules | {f"{node.module}.{alias.name}" for node in ours for alias in node.names})


@cache
def _source(module: str) -> bytes:
    return _path(module).read_bytes()


def _path(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")[1:]).with_suffix(".py")
