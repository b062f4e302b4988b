"""What the documents say, taken apart: links, code, names of files, variables, topics, commands and paths."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.architecture import project

README = project.ROOT / "README.md"
ARCHITECTURE = project.ROOT / "docs" / "architecture.md"
ADRS = sorted((project.ROOT / "docs" / "adr").glob("[0-9]*.md"))
DOCUMENTS = sorted(
    {
        *project.ROOT.glob("*.md"),
        *(project.ROOT / "docs").rglob("*.md"),
        *project.ROOT.glob("[a-z]*/README.md"),
        *project.ROOT.glob("[a-z]*/*/README.md"),
    }
)
API = "/api/v1"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
FILE = re.compile(
    r"(?:\.\./)*(?:apps|benchmarks|contracts|docs|examples|libs|requirements|services|tests|tools)/[\w./-]+"
)
IN_PACKAGE = re.compile(r"(ad_\w+|anomaly_detection)/[\w./-]+")
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
NEW_STREAM = re.compile(
    r"""streams create ([\w-]+)|streams\.create\("([\w-]+)"|/streams --json '\{\s*"name": "([\w-]+)\""""
)
CALL = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE) (/\S*)")


class Block(NamedTuple):
    language: str
    text: str


def blocks(document: Path) -> list[Block]:
    """The fenced blocks."""
    return [Block(*found) for found in FENCE.findall(document.read_text())]


def spans(document: Path) -> list[str]:
    """The words in code type outside of fenced blocks."""
    return re.findall(r"`([^`\n]+)`", FENCE.sub("", document.read_text()))


def links(document: Path) -> list[tuple[str, str]]:
    """Local links as target and anchor."""
    found = re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)", FENCE.sub("", document.read_text()))
    return [(target, anchor) for target, anchor in found if "://" not in target and ":" not in target]


def anchors(document: Path) -> set[str]:
    """The anchors that a document's headings make."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", document.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table(document: Path, first_column: str) -> list[list[str]]:
    """The rows of the first table whose header begins with this column."""
    rows: list[list[str]] = []
    for line in document.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            if rows:
                return rows[2:]
        elif rows or cells[0] == first_column:
            rows.append(cells)
    return rows[2:]


def files(document: Path) -> Iterator[Path]:
    """Files and folders that a document names in code type, as this repository spells them."""
    packages = {package.name: package for package in project.PACKAGES}
    for span in spans(document):
        if FILE.fullmatch(span):
            yield project.ROOT / span
        elif found := IN_PACKAGE.fullmatch(span):
            yield packages[found[1]].parent / span


def variables(document: Path) -> set[str]:
    """Environment variables: words in code type, and what shell blocks set."""
    named = {span.split("=")[0] for span in spans(document)}
    for block in blocks(document):
        named |= {word.split("=")[0] for word in block.text.split() if "=" in word}
    return {name for name in named if VARIABLE.fullmatch(name)}


def commands(document: Path) -> Iterator[list[str]]:
    """Calls of our command, as words after its name."""
    lines = [line for block in blocks(document) for line in block.text.replace("\\\n", " ").splitlines()]
    for text in [*lines, *spans(document)]:
        if text.startswith("anomaly_detection "):
            yield shlex.split(text, comments=True)[1:]


def new_streams(document: Path) -> list[str]:
    """Names of the streams that a document makes."""
    texts = [block.text for block in blocks(document)]
    return ["".join(names) for text in texts for names in NEW_STREAM.findall(text)]


def paths(document: Path) -> set[str]:
    """Paths of the REST interface, all with the prefix of the API where they have one."""
    text = document.read_text()
    found = set(re.findall(API + r"(/[\w{}<>./-]*[\w}>])", text))
    found |= set(re.findall(r"\$API(/[\w{}<>./-]*[\w}>])", text))
    found |= {call[1].split("?")[0] for span in spans(document) if (call := CALL.match(span))}
    return {path.removeprefix(API) for path in found}


def imports(document: Path) -> Iterator[tuple[str, str]]:
    """Module and name of what python blocks import from our packages."""
    ours = {package.name for package in project.PACKAGES}
    for block in blocks(document):
        if block.language != "python":
            continue
        for node in ast.walk(ast.parse(block.text)):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ours:
                yield from ((node.module, alias.name) for alias in node.names)
