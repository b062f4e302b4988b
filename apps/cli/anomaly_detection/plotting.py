"""Pictures of scores and features over time, with bounds and anomalies. Needs no display."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from ad_detectors.errors import DataError, ParameterError
from ad_detectors.matrix import LARGEST, Floats
from anomaly_detection.charts import Chart
from anomaly_detection.files import check_folder
from anomaly_detection.thinning import kept_points, outline
from anomaly_detection.times import as_milliseconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SCORE, VALUE, MARK = "#8a8a8a", "#2f4b7c", "#d1223b"
BAND, EDGE, EXPECTED, GRID = "#9fc1e6", "#7fa8d6", "#4a4a4a", "#e6e6e6"
FORMS = (".png", ".svg", ".pdf")
LONGEST_NAME = 80


def draw(chart: Chart, time: Any = None, path: str | os.PathLike[str] | None = None) -> "Figure":
    """Draw a panel of scores and one for each feature above a common axis of times or rows.

    A dashed line is what was expected, the shaded band its bounds, red dots are anomalies: in the panel of a
    feature those to which it contributed. Long series keep the lowest and the highest value of each stretch, so
    that no peak is lost; their bounds are steps above the values, the widest of each stretch, and a value beyond
    them is beyond its own.

    Raises
    ------
    ImportError
        matplotlib is not installed.
    DataError, ParameterError
        There are more or fewer times than rows, the path does not end in a form that can be written, or its
        folder does not exist.
    """
    _check_path(path)
    rc_context, figure_type = _matplotlib()
    along = _axis(time, len(chart.score))
    panels = 1 + len(chart.names)
    with rc_context({"date.converter": "concise", "axes.spines.top": False, "axes.spines.right": False}):
        figure = figure_type(figsize=(11, 1.0 + 1.6 * panels), layout="constrained")
        axes = figure.subplots(panels, 1, sharex=True, squeeze=False)[:, 0]
        _draw_scores(axes[0], chart, along)
        for place, panel in enumerate(axes[1:]):
            _draw_feature(panel, chart, place, along)
    axes[-1].set_xlabel("time (UTC)" if along.dtype.kind == "M" else "row" if time is None else "time")
    _head(figure, axes, chart.title)
    if path is not None:
        figure.savefig(path, dpi=120)
    return figure


def _check_path(path: str | os.PathLike[str] | None) -> None:
    if path is None:
        return
    if Path(path).suffix.lower() not in FORMS:
        raise ParameterError(
            f"parameter 'path' is {os.fspath(path)!r}; valid is a name that ends in {', '.join(FORMS)}"
        )
    check_folder(path)


def _matplotlib() -> tuple[Any, type["Figure"]]:
    """What is drawn with; not pyplot, which looks for a display and keeps every figure."""
    try:
        from matplotlib import rc_context
        from matplotlib.figure import Figure
    except ImportError as error:
        message = "plot needs matplotlib, which is not installed: pip install 'anomaly-detection[plot]'"
        raise ImportError(message) from error
    return rc_context, Figure


def _axis(time: Any, rows: int) -> NDArray[Any]:
    """What stands below each row: times in UTC, numbers, or the number of the row."""
    if time is None:
        return np.arange(rows)
    array = np.asarray(time)
    if array.shape != (rows,):
        raise DataError(f"time has shape {array.shape}, the data has {rows} row(s); each row needs one time")
    return array if array.dtype.kind in "iuf" else as_milliseconds(array, rows).astype("datetime64[ms]")


def _draw_scores(panel: "Axes", chart: Chart, along: NDArray[Any]) -> None:
    _draw_line(panel, along, chart.score, SCORE)
    panel.axhline(chart.threshold, color=MARK, linewidth=0.9, linestyle="--", label="threshold")
    _draw_marks(panel, along[chart.marked], chart.score[chart.marked])
    _dress(panel, "score")


def _draw_feature(panel: "Axes", chart: Chart, place: int, along: NDArray[Any]) -> None:
    values = _drawable(chart.values[:, place])
    lower, upper, expected = (part[:, place] for part in (chart.lower, chart.upper, chart.expected))
    rows, lower, upper, expected = outline(chart.explained, lower, upper, expected)
    at, steps = along[rows], len(rows) < len(chart.explained)
    step: Literal["post"] | None = "post" if steps else None
    # A level, and what many values would cover, is drawn above the values; what follows few would hide them.
    above = 2.5 if steps or len(np.unique(expected)) == 1 else 1.5
    panel.fill_between(at, lower, upper, step=step, color=BAND, alpha=0.45, linewidth=0, label="bounds")
    style: dict[str, Any] = {"zorder": above, "drawstyle": "steps-post" if steps else "default"}
    for bound in (lower, upper):
        panel.plot(at, bound, color=EDGE, linewidth=1.1 if steps else 0.7, **style)
    panel.plot(at, expected, color=EXPECTED, linewidth=0.9, linestyle="--", label="expected", **style)
    _draw_line(panel, along, values, VALUE)
    marked = chart.marked[chart.blamed[:, place]]
    _draw_marks(panel, along[marked], values[marked])
    _dress(panel, chart.names[place])
    _frame(panel, values, lower, upper)


def _frame(panel: "Axes", values: Floats, lower: Floats, upper: Floats) -> None:
    """Show all values, and bounds as far as they leave the values to be seen."""
    if np.isnan(values).all():
        return
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    room = 0.5 * (high - low) or max(abs(high), 1.0)
    low = max(low - room, min([low, *lower[np.isfinite(lower)]]))
    high = min(high + room, max([high, *upper[np.isfinite(upper)]]))
    margin = 0.06 * (high - low) or room
    panel.set_ylim(low - margin, high + margin)


def _draw_line(panel: "Axes", along: NDArray[Any], values: Floats, color: str) -> None:
    rows = kept_points(values)
    panel.plot(along[rows], values[rows], color=color, linewidth=0.8)


def _draw_marks(panel: "Axes", along: NDArray[Any], values: Floats) -> None:
    size = 5.0 if len(along) <= 100 else 3.0
    panel.plot(
        along,
        _drawable(values),
        "o",
        color=MARK,
        markersize=size,
        markeredgewidth=0,
        zorder=3,
        label="anomaly",
    )


def _drawable(values: Floats) -> Floats:
    """Without the magnitudes that would leave nothing but themselves to be seen."""
    return np.where(np.abs(values) < LARGEST, values, np.nan)


def _dress(panel: "Axes", name: str) -> None:
    panel.set_title(
        name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…", loc="left", fontsize=9
    )
    panel.grid(visible=True, color=GRID, linewidth=0.6)
    panel.margins(x=0.01)


def _head(figure: "Figure", panels: "NDArray[Any]", title: str) -> None:
    """The title, and below it what the marks mean."""
    found = [panel.get_legend_handles_labels() for panel in panels]
    meaning = {text: handle for handles, texts in found for handle, text in zip(handles, texts, strict=True)}
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    figure.legend(
        list(meaning.values()), list(meaning), loc="outside upper right", ncols=4, frameon=False, fontsize=8
    )
