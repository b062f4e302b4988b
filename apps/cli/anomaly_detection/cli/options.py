"""Options that several commands share, checked where they are read."""

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ad_detectors import catalog
from ad_detectors.parameters import Value, parse_value
from anomaly_detection.cli.progress import note
from anomaly_detection.errors import CliError
from anomaly_detection.kinds import use_of

if TYPE_CHECKING:
    from ad_detectors.model import Model

Params = Annotated[
    list[str] | None,
    typer.Option(help="Parameter of the algorithm; may be repeated.", metavar="<name=value>"),
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Say in full what `auto` saw in the data, and what followed.")
]
ALGORITHM_HELP = "A name that `anomaly_detection algorithms` lists."
TRAINED: tuple[catalog.Kind, ...] = ("batch", "series")
SCORING: tuple[catalog.Kind, ...] = (*TRAINED, "streaming")
LISTED = "`anomaly_detection algorithms` lists all"


def parameters_of(texts: list[str] | None) -> dict[str, Value]:
    """`--param trees=200 --param seed=1` as a mapping."""
    values: dict[str, Value] = {}
    for text in texts or []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise CliError(f"--param {text!r} is not of the form name=value, for example --param trees=200")
        values[name.strip()] = parse_value(value.strip())
    return values


def algorithm_of(name: str, kinds: tuple[catalog.Kind, ...]) -> catalog.Entry:
    """The algorithm of that name, or those that may have been meant."""
    usable = [entry.name for entry in catalog.ENTRIES.values() if entry.kind in kinds]
    entry = catalog.ENTRIES.get(name)
    if entry is None:
        near = get_close_matches(name.lower().replace("-", "_"), usable)
        meant = f"; did you mean {' or '.join(near)}?" if near else "."
        raise CliError(f"unknown algorithm {name!r}{meant} {LISTED}")
    if entry.kind not in kinds:
        raise CliError(
            f"algorithm {name!r} is a {entry.kind} one, here it must be {' or '.join(kinds)}. {_elsewhere(entry)}"
        )
    return entry


def _elsewhere(entry: catalog.Entry) -> str:
    """Where an algorithm can be used that a command does not take."""
    if entry.kind in SCORING:
        return f"{LISTED}; `anomaly_detection detect --algorithm {entry.name}` takes it"
    return f"In Python {use_of(entry)}. {LISTED}"


def tell_reasons(model: "Model", verbose: bool) -> None:
    """What an algorithm that chooses for itself saw: one line, or with what followed a line each."""
    reasons = model.detector.reasons
    if verbose:
        for reason in reasons:
            note(reason)
    elif reasons:
        seen = ", ".join(reason.partition(";")[0].removeprefix("size: ") for reason in reasons)
        note(f"{model.algorithm} saw {seen} (-v says more)")


def names_of(text: str | None) -> list[str] | None:
    """`--columns a,b` as a list; None when all columns are meant."""
    if text is None:
        return None
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise CliError("--columns names no column; give names divided by commas, for example --columns a,b")
    return names


def check_contamination(share: float | None) -> None:
    """Say it before anything is loaded or sent."""
    if share is not None and not 0.0 < share <= 0.5:
        raise CliError(f"contamination is {share!r}; valid is a number above 0 and up to 0.5")


def check_writable(path: Path | None) -> None:
    """Say before the work, not after it, that a result cannot be written."""
    if path is not None and not path.parent.is_dir():
        raise CliError(f"{path}: the folder {path.parent} does not exist; make it first")
    if path is not None and path.is_dir():
        raise CliError(f"{path} is a folder; name a file in it")
