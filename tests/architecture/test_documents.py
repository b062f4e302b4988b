"""Documents name files and make targets that exist."""

import re
from pathlib import Path

from tests.architecture import project

DOCUMENTS = sorted(
    [*project.ROOT.glob("*.md"), *(project.ROOT / "docs").rglob("*.md"), *project.ROOT.glob("*/*/README.md")]
)


def local_links(document: Path) -> list[str]:
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text())
    return [target for target in targets if "://" not in target and not target.startswith("mailto:")]


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{project.shown(document)} → {target}"
        for document in DOCUMENTS
        for target in local_links(document)
        if not (document.parent / target).exists()
    ]
    assert not broken


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (project.ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        named = set(re.findall(r"`make ([a-z-]+)`", document.read_text()))
        assert named <= targets, f"{project.shown(document)} names {sorted(named - targets)}"
