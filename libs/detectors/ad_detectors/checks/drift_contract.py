"""Drift detectors: silent while nothing changes, soon aware when something does, and able to name it."""

import numpy as np

from ad_detectors import catalog
from ad_detectors.checks.expect import expect, expect_refusal, ordinary, peculiar, same_bits
from ad_detectors.drift.base import DriftDetector
from ad_detectors.drift.report import Drift, DriftReport
from ad_detectors.drift.stream import StreamingDriftDetector
from ad_detectors.drift.window import WindowDriftDetector
from ad_detectors.matrix import Floats

NAMES = ("load", "heat", "flow")
REFERENCE = 2000
WITHIN = 200


def stationary_data_do_not_drift(name: str) -> None:
    """At most one false alarm in ten streams of 10,000 rows of three independent features."""
    false = sum(len(_run(name, _stream(10_000, seed)).findings) for seed in range(10))
    expect(false <= 1, f"{name} found {false} drifts in 100,000 rows of stationary data")


def change_of_the_mean_is_found_soon_and_its_feature_is_named(name: str) -> None:
    """Three standard deviations, within 200 rows, and in no other feature; the report says it in words."""
    rows = _stream(REFERENCE + WITHIN, 3)
    rows[REFERENCE:, 1] += 3.0 * rows[:REFERENCE, 1].std()
    report = _run(name, rows)
    expect(report.drifted == ("heat",), f"{name} named {report.drifted}, not the feature that changed")
    first = report.findings[0]
    expect(first.since_row <= first.row, f"{name}: the drift began after it was found")
    expect(first.statistic >= first.threshold, f"{name}: a drift below its threshold")
    expect(0 < first.probability <= 0.05, f"{name}: the probability is {first.probability}")
    expect(first.after > first.before, f"{name}: the means are the wrong way round")
    words = report.describe()
    lacking = [word for word in ("'heat'", "mean went from", report.detector) if word not in words]
    expect(not lacking, f"{name}: the words lack {lacking}: {words}")


def scale_and_level_do_not_matter(name: str) -> None:
    """The same features are found whatever the unit."""
    rows = _stream(REFERENCE + WITHIN, 4)
    rows[REFERENCE:, 2] += 3.0 * rows[:REFERENCE, 2].std()
    for scale, level in ((1e-6, 0.0), (1e6, 0.0), (1.0, 1e6)):
        found = _run(name, rows * scale + level).drifted
        expect(found == ("flow",), f"{name} found {found} at scale {scale:g} and level {level:g}")


def peculiar_values_are_taken(name: str) -> None:
    """Constants, missing values, infinities, one row, 100 columns: every number in a report is in range."""
    for title, table in peculiar().items():
        rows = np.vstack([table] * 8)
        rows[len(rows) // 2 :] = rows[len(rows) // 2 :][::-1]
        report = _run(name, rows, features=None)
        for drift in report.findings:
            usable = np.isfinite([drift.statistic, drift.threshold]).all() and 0 < drift.probability <= 1
            expect(usable, f"{name} reports {drift} on {title}")
        again = _run(name, np.full((400, 2), 3.5), features=None)
        expect(not again.findings, f"{name} finds a drift in constants")


def any_split_gives_the_same(name: str) -> None:
    """One by one, in batches, with a snapshot in between: same findings, same state. For windows: same again."""
    detector = catalog.create_drift(name, NAMES)
    rows = _stream(1500, 5)
    rows[700:, 0] += 4.0
    rows[1100:, 0] -= 4.0
    rows[np.random.default_rng(1).random(rows.shape) < 0.05] = np.nan
    times = np.arange(len(rows), dtype=np.int64) * 1000
    if isinstance(detector, StreamingDriftDetector):
        whole_state = detector.new_state()
        whole = detector.update(whole_state, rows, times)
        expect(whole.findings, f"{name} misses two changes")
        for size in (1, 7, 500):
            state, found = detector.new_state(), list[Drift]()
            for start in range(0, len(rows), size):
                state = {key: array.copy() for key, array in state.items()}
                part = slice(start, start + size)
                found += detector.update(state, rows[part], times[part]).findings
            expect(tuple(found) == whole.findings, f"{name}: batches of {size} give other drifts")
            same = all(same_bits(state[key], whole_state[key]) for key in whole_state)
            expect(same, f"{name}: batches of {size}, other state")
    elif isinstance(detector, WindowDriftDetector):
        first = detector.fit(rows[:700])
        again = type(detector).from_arrays(first.parameters.as_dict(), NAMES, first.to_arrays())
        expect(
            first.compare(rows[700:1100]) == again.compare(rows[700:1100]), f"{name} is not as it was saved"
        )


def unusable_input_is_refused_and_input_never_changed(name: str) -> None:
    """Wrong width, names that do not fit, unknown parameters, arrays that are not its own."""
    rows = _stream(300, 6)
    before = rows.tobytes()
    _run(name, rows)
    expect(rows.tobytes() == before, f"{name} changed its input")
    expect_refusal(lambda: catalog.create_drift(name, nothing=1), ("nothing",), "an unknown parameter")
    expect_refusal(lambda: _run(name, rows[:, :2]), ("3", "2"), "data of another width than the names")
    detector = catalog.create_drift(name, NAMES)
    if isinstance(detector, StreamingDriftDetector):
        state, times = detector.new_state(), np.arange(300, dtype=np.int64)
        expect_refusal(lambda: detector.update(state, rows[:, :1], times), ("feature",), "a narrow row")
        expect_refusal(lambda: detector.update(state, rows, times[:9]), ("300", "9"), "too few times")
        expect_refusal(lambda: detector.update({}, rows, times), (name,), "a state of nothing")
        expect_refusal(lambda: catalog_state(detector), ("feature",), "a state without features")
    elif isinstance(detector, WindowDriftDetector):
        expect_refusal(lambda: detector.compare(rows), ("fit",), "a comparison without a reference")
        detector.fit(rows)
        expect_refusal(lambda: detector.compare(rows[:, :1]), ("feature",), "a narrow window")
        expect_refusal(lambda: type(detector).from_arrays({}, NAMES, {}), ("mean",), "arrays of nothing")


DRIFT = (
    stationary_data_do_not_drift,
    change_of_the_mean_is_found_soon_and_its_feature_is_named,
    scale_and_level_do_not_matter,
    peculiar_values_are_taken,
    any_split_gives_the_same,
    unusable_input_is_refused_and_input_never_changed,
)


def catalog_state(detector: StreamingDriftDetector) -> object:
    """A state for no feature at all."""
    return type(detector)().new_state()


def _stream(rows: int, seed: int) -> Floats:
    return ordinary(rows, len(NAMES), seed)


def _run(name: str, rows: Floats, features: tuple[str, ...] | None = NAMES) -> DriftReport:
    """All rows through a stream detector; the last tenth against the others by one of windows."""
    detector: DriftDetector = catalog.create_drift(name, features)
    if isinstance(detector, StreamingDriftDetector):
        times = np.arange(len(rows), dtype=np.int64)
        return detector.update(detector.new_state(rows.shape[1]), rows, times)
    if not isinstance(detector, WindowDriftDetector):
        raise TypeError(f"{name} is neither a detector of streams nor one of windows")
    window = max(len(rows) // 11, 1)
    return detector.fit(rows[:-window]).compare(rows[-window:])
