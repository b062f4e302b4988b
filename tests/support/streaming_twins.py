"""A streaming detector on the rows of one entity, alone and beside its plain twin."""

import numpy as np


def run(detector, values, times=None):
    """What the detector says of the rows of one entity; a flat list is one feature."""
    rows = np.asarray(values, float).reshape(len(values), -1)
    times = np.arange(len(rows)) if times is None else times
    slots = np.ones(len(rows), np.int64)
    return detector.update(detector.new_state(2, rows.shape[1]), slots, rows, times)


def both(detector, entity, rows, times=None):
    """What the detector says of the rows of one entity, and what its twin says."""
    rows = np.asarray(rows, float)
    times = np.arange(len(rows)) if times is None else times
    result = run(detector, rows, times)
    twin = entity(rows.shape[1], detector.parameters)
    pairs = zip(rows, times, strict=True)
    return result, [twin.update([float(value) for value in row], int(time)) for row, time in pairs]


def agree(result, said, tolerance=1e-9) -> None:
    """Alerts and cold rows are the same, numbers nearly."""
    for name in ("anomaly", "cold"):
        assert getattr(result, name).tolist() == [getattr(row, name) for row in said]
    for name in ("score", "probability", "contributions", "expected", "lower", "upper"):
        plain = np.array([getattr(row, name) for row in said], float)
        np.testing.assert_allclose(getattr(result, name), plain, rtol=tolerance, atol=tolerance, err_msg=name)


def story(width, rows=900, seed=0):
    """Noise of heavy tails with a new level, a spike and missing values."""
    generator = np.random.default_rng([seed, width])
    table = generator.standard_t(3, size=(rows, width)) * 10.0 ** (np.arange(width) % 3) + 5.0
    table[rows // 2 :] += 9.0
    table[rows // 3, 0] += 60.0
    table[generator.random(table.shape) < 0.03] = np.nan
    table[rows // 4] = np.nan
    return table
