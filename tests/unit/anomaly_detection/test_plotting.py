"""Pictures: what stands on their axes, and that they need no display."""

import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from ad_detectors import catalog
from ad_detectors.errors import DataError, ParameterError
from anomaly_detection import AnomalyDetector, StreamDetector
from anomaly_detection.thinning import MOST_STEPS

ROWS = np.random.default_rng(0).normal(size=(400, 2))
ROWS[100] = [9.0, -9.0]
FRAME = pl.DataFrame(ROWS, schema=["load", "speed"])
BAND_ON_WHITE = (213, 228, 243)
TIMES = np.datetime64("2024-01-01T00:00") + np.arange(400) * np.timedelta64(1, "h")


@pytest.fixture(scope="module")
def detector() -> AnomalyDetector:
    return AnomalyDetector("zscore", contamination=0.01).fit(FRAME)


def drawn(panel, label: str) -> np.ndarray:
    lines = [line for line in panel.get_lines() if line.get_label() == label]
    return np.column_stack(lines[0].get_data())


def test_scores_stand_above_the_features_with_the_anomalies_marked(detector) -> None:
    panels = detector.plot(FRAME).axes
    assert panels[0].get_title(loc="left") == "score"
    assert {panel.get_title(loc="left") for panel in panels[1:]} == {"load", "speed"}
    assert panels[-1].get_xlabel() == "row"
    load = next(panel for panel in panels if panel.get_title(loc="left") == "load")
    anomalies = np.flatnonzero(detector.predict(FRAME))
    assert drawn(panels[0], "anomaly")[:, 0].tolist() == anomalies.tolist()
    strange = anomalies[np.abs(ROWS[anomalies, 0]) > 2]
    np.testing.assert_array_equal(drawn(load, "anomaly"), np.column_stack([strange, ROWS[strange, 0]]))
    assert np.unique(drawn(load, "expected")[:, 1]).tolist() == [detector.explain(FRAME).expected[0, 0]]
    assert (drawn(panels[0], "threshold")[:, 1] == detector.threshold_).all()


def test_times_stand_on_the_axis(detector) -> None:
    for times in (TIMES, TIMES.tolist(), [str(time) for time in TIMES]):
        panel = detector.plot(FRAME, time=times, feature="load").axes[-1]
        assert panel.get_xlabel() == "time (UTC)"
        assert panel.get_lines()[0].get_xdata()[0] == TIMES[0]
    assert detector.plot(FRAME, time=np.arange(400) * 0.5).axes[-1].get_xlabel() == "time"


@pytest.mark.parametrize(("suffix", "head"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_picture_is_written(detector, tmp_path, suffix, head) -> None:
    path = tmp_path / f"anomalies.{suffix}"
    detector.plot(FRAME, path=path)
    assert path.read_bytes().startswith(head)


def test_gaps_infinities_and_constants_can_be_drawn(tmp_path) -> None:
    rows = np.column_stack([ROWS[:, 0], np.ones(400), np.full(400, np.nan)])
    rows[5, 0], rows[7, 0] = np.nan, np.inf
    figure = AnomalyDetector("zscore").fit(rows).plot(rows, path=tmp_path / "x.png")
    low, high = figure.axes[1 + 0].get_ylim()
    assert np.isfinite([low, high]).all()
    assert abs(high) < 1e3


def test_wide_bounds_leave_the_values_to_be_seen() -> None:
    result = StreamDetector("ewma").update(ROWS[:, :1])
    wide = result.upper.copy()
    wide[3:10] = 1e9
    object.__setattr__(result, "upper", wide)
    assert result.plot().axes[1].get_ylim()[1] < 30


@pytest.mark.parametrize("name", [*catalog.names("batch"), *catalog.names("series")])
def test_every_fitted_algorithm_can_be_drawn(name) -> None:
    panels = AnomalyDetector(name, contamination=0.01).fit(FRAME).plot(FRAME).axes
    assert len(panels) == 3
    assert drawn(panels[0], "anomaly").size or name in catalog.names("series")


def test_a_stream_is_drawn_over_its_times() -> None:
    panel = StreamDetector("ewma").update(FRAME, "pump", TIMES).plot("speed").axes[-1]
    assert panel.get_xlabel() == "time (UTC)"
    assert panel.get_title(loc="left") == "speed"


def test_a_datetime_index_stands_on_the_axis_unless_another_time_is_given(detector) -> None:
    frame = pd.DataFrame(ROWS, columns=["load", "speed"], index=pd.DatetimeIndex(TIMES))
    for data in (frame, frame.tz_localize("UTC")):
        panel = detector.plot(data).axes[-1]
        assert panel.get_xlabel() == "time (UTC)"
        assert panel.get_lines()[0].get_xdata()[0] == TIMES[0]
    assert detector.plot(frame, time=np.arange(400)).axes[-1].get_xlabel() == "time"
    assert detector.plot(frame.reset_index(drop=True)).axes[-1].get_xlabel() == "row"
    assert StreamDetector("ewma").update(frame).plot().axes[-1].get_xlabel() == "time (UTC)"
    line = AnomalyDetector("spectral_residual").fit(frame["load"]).plot(frame["load"])
    assert (line.axes[-1].get_title(loc="left"), line.axes[-1].get_xlabel()) == ("load", "time (UTC)")


@pytest.mark.parametrize("rows", [400, 3_000, 20_000])
def test_bounds_are_seen_however_many_rows_there_are(rows) -> None:
    wave = 10.0 * np.sin(np.arange(rows) * (np.pi / 12.0)) + np.random.default_rng(1).normal(size=rows)
    canvas = FigureCanvasAgg(AnomalyDetector("forecast_residual").fit(wave).plot(wave))
    canvas.draw()
    picture = np.asarray(canvas.buffer_rgba())[..., :3].astype(int)
    seen = (np.abs(picture - BAND_ON_WHITE).max(axis=2) < 12).mean()
    assert seen > 0.03, f"{seen:.1%} of the picture are the band of the bounds"


def test_steps_of_bounds_hold_all_bounds_of_their_stretch() -> None:
    result = StreamDetector("ewma").update(np.random.default_rng(1).normal(size=5_000))
    panel = result.plot().axes[1]
    at, upper = next(line.get_data() for line in panel.get_lines() if (line.get_ydata() > 1).all())
    assert len(at) == MOST_STEPS + 1
    step = np.searchsorted(at, np.arange(4_999), side="right") - 1
    assert (np.nan_to_num(result.upper[:-1, 0]) <= upper[step]).all()


def test_mistakes_are_told(detector, tmp_path) -> None:
    path = tmp_path / "nowhere" / "x.png"
    with pytest.raises(ParameterError) as caught:
        detector.plot(FRAME, path=path)
    assert str(caught.value) == (
        f"parameter 'path' is {str(path)!r}; the folder {str(path.parent)!r} does not exist, make it first"
    )
    with pytest.raises(DataError, match=r"time has shape \(3,\), the data has 400 row"):
        detector.plot(FRAME, time=[1, 2, 3])
    with pytest.raises(
        ParameterError, match=r"parameter 'path' is 'x\.bmp'; valid is a name that ends in \.png"
    ):
        detector.plot(FRAME, path="x.bmp")
    with pytest.raises(ParameterError, match="parameter 'feature' is 'rate'; valid are load, speed"):
        detector.plot(FRAME, feature="rate")


def test_a_missing_matplotlib_is_told_with_the_way_to_get_it(detector, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'anomaly-detection\[plot\]'"):
        detector.plot(FRAME)


def test_no_display_is_looked_for() -> None:
    code = (
        "from anomaly_detection import ZScore; import sys\n"
        "ZScore().fit([[1.0], [2.0]]).plot([[1.0], [2.0]]); print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={})
    assert done.stdout == "False\n"
