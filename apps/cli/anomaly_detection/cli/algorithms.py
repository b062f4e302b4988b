"""`anomaly_detection algorithms`: which there are, and what each one takes."""

import inspect
from typing import TYPE_CHECKING, Annotated, Any

import typer

from anomaly_detection.cli.options import algorithm_of
from anomaly_detection.errors import CliError

if TYPE_CHECKING:
    from ad_detectors.catalog import Entry, Kind

KINDS: dict["Kind", str] = {
    "batch": "fitted on rows, then scores each row for itself",
    "series": "fitted on a series, then scores its points among their neighbours in time",
    "streaming": "no training: learns from each record of an entity as it scores it",
    "drift": "finds features whose distribution changes; in Python, ad_detectors.catalog.create_drift",
    "graph": "finds strange edges and nodes of interactions; in Python, ad_detectors.catalog.create_graph",
}


def algorithms(
    name: Annotated[
        str | None, typer.Argument(help="Show this one with its parameters.", show_default=False)
    ] = None,
    kind: Annotated[str | None, typer.Option(help=f"Only those of one kind: {', '.join(KINDS)}.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The result as JSON, for programs.")] = False,
) -> None:
    """List the algorithms, or show one with its parameters, idea and source.

    Example: anomaly_detection algorithms isolation_forest
    """
    if name is None:
        _list(kind, json)
    elif kind is not None:
        raise CliError("--kind chooses from the list; leave it out where one algorithm is named")
    else:
        _show(algorithm_of(name, tuple(KINDS)), json)


def _list(kind: str | None, json: bool) -> None:
    from ad_detectors import catalog
    from anomaly_detection.cli import printing

    if kind is not None and kind not in KINDS:
        raise CliError(f"--kind is {kind!r}; valid choices: {', '.join(KINDS)}")
    entries = [entry for entry in catalog.ENTRIES.values() if kind in {None, entry.kind}]
    if json:
        found = [{"name": entry.name, "kind": entry.kind, "summary": entry.summary} for entry in entries]
        printing.as_json({"algorithms": found})
        return
    for each, meaning in KINDS.items():
        lines = [(entry.name, entry.summary) for entry in entries if entry.kind == each]
        if lines:
            printing.table(f"{each}: {meaning}", ["name", "what it finds"], lines, words={"what it finds"})


def _show(entry: "Entry", json: bool) -> None:
    from anomaly_detection.cli import printing

    told = sections(inspect.getdoc(entry.detector_type) or "")
    parameters = [
        {"name": doc.name, "type": doc.type, "default": doc.default, "valid": doc.valid, "doc": doc.doc}
        for doc in entry.parameters
    ]
    if json:
        texts: dict[str, Any] = {"idea": told.get("Idea", ""), "source": told.get("Source", "")}
        texts["example"] = _example(entry, told)
        about = {"name": entry.name, "kind": entry.kind, "summary": entry.summary}
        printing.as_json(about | texts | {"parameters": parameters})
        return
    printing.text(f"{entry.name} ({entry.kind})", told.get("Idea", entry.summary))
    columns = ["name", "default", "valid", "meaning"]
    lines = [
        (str(doc["name"]), printing.cell(doc["default"]), str(doc["valid"]), str(doc["doc"]))
        for doc in parameters
    ]
    title = "parameters, as --param name=value" if lines else "it has no parameters"
    printing.table(title, columns, lines, words=columns)
    printing.text("source", told.get("Source", "not told"))
    printing.lines("example", _example(entry, told))


def _example(entry: "Entry", told: dict[str, str]) -> str:
    """The examples of a detector's docstring with the imports that they need, so that they can be pasted."""
    found = told["Examples"]
    wanted = {
        "np.": "import numpy as np",
        f"{entry.class_name}(": f"from {entry.module} import {entry.class_name}",
    }
    lacking = [f">>> {line}" for use, line in wanted.items() if use in found and f">>> {line}" not in found]
    return "\n".join([*lacking, found])


def sections(docstring: str) -> dict[str, str]:
    """The text below each heading of a NumPy docstring; what stands above the first is its idea.

    Examples
    --------
    >>> sections("Title.\\n\\nIdea: few.\\n\\nSource\\n------\\nSomebody, 2008.")
    {'Idea': 'Title.\\n\\nIdea: few.', 'Source': 'Somebody, 2008.'}
    """
    found: dict[str, list[str]] = {"Idea": []}
    lines, heading = docstring.splitlines(), "Idea"
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if below and not below.strip("-") and line.strip():
            heading = line.strip()
            found[heading] = []
        elif line.strip("-") or not line:
            found[heading].append(line)
    return {name: "\n".join(parts).strip() for name, parts in found.items()}
