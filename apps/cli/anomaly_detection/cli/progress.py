"""What is being done, on stderr, so that stdout stays for results."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show a bar with the time while a step runs; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        progress.add_task(title, total=None)
        yield


@contextmanager
def bar(title: str) -> Iterator[Callable[[float], None]]:
    """Show how much is done (0 to 1), which the block tells; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=1.0)
        yield lambda share: progress.update(task, completed=share)


def note_labels(column: str | None) -> None:
    """Says that a column was taken for labels."""
    if column is not None:
        note(f"column {column!r} holds zeros and ones: labels, no feature (--columns chooses the features)")


def note(text: str) -> None:
    """One line for people."""
    sys.stderr.write(f"{text}\n")
