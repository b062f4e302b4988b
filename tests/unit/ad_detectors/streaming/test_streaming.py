"""Whether "one in 1,000" is one in 1,000 for every streaming detector, on normal data of six shapes.

Eight entities, scored from their 2,001st row to the 8,000th: 48 rows are expected to be that improbable, so the
counted share varies by a seventh of itself, and the band from 0.5 to 2 is more than three of these wide.
"""

import numpy as np
import pytest

from ad_detectors import catalog

ENTITIES, ROWS, SETTLED, LEVEL = 8, 8_000, 2_000, 1e-3


def correlated(generator, shape):
    """An autoregressive process of first order per entity: neighbours correlate by 0.7."""
    from scipy.signal import lfilter

    return lfilter([1.0], [1.0, -0.7], generator.normal(size=shape), axis=0)


SHAPES = {
    "normal": lambda g, shape: g.normal(size=shape),
    "uniform": lambda g, shape: g.uniform(size=shape),
    "exponential": lambda g, shape: g.exponential(size=shape),
    "bimodal": lambda g, shape: g.normal(np.where(g.random(shape) < 0.5, -2.0, 2.0), 0.3),
    "t with 3 degrees of freedom": lambda g, shape: g.standard_t(3, size=shape),
    "correlated": correlated,
}

CASES: list[tuple[str, dict[str, str]]] = [
    *((name, {}) for name in catalog.names("streaming")),
    ("adaptive", {"size": "light"}),
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("name", "parameters"), CASES)
def test_one_in_1000_fires_between_half_and_twice_as_often(name, parameters, shape) -> None:
    values = SHAPES[shape](np.random.default_rng(5), (ROWS, ENTITIES))
    detector = catalog.create_streaming(name, **parameters)
    slots = np.tile(np.arange(ENTITIES), ROWS)
    times = 1_700_000_000_000 + 60_000 * np.repeat(np.arange(ROWS), ENTITIES)
    found = detector.update(detector.new_state(ENTITIES), slots, values.reshape(-1, 1), times)
    improbable = found.probability[SETTLED * ENTITIES :] <= LEVEL
    assert 0.5e-3 <= improbable.mean() <= 2e-3
