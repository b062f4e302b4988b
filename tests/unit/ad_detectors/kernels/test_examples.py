import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ad_detectors.kernels.examples import nearest_rows
from tests.oracles.ad_detectors import examples as oracle

values = st.floats(-1e30, 1e30)


@given(st.data(), st.integers(1, 5), st.integers(1, 6), st.integers(1, 4))
def test_the_nearest_example_is_that_of_the_slow_twin(
    data: st.DataObject, rows: int, count: int, width: int
) -> None:
    matrix = data.draw(arrays(np.float64, (rows, width), elements=values))
    examples = data.draw(arrays(np.float64, (count, width), elements=values))
    scale = data.draw(arrays(np.float64, width, elements=st.floats(1e-300, 1e30)))
    expected = [oracle.nearest(row, examples.tolist(), scale.tolist()) for row in matrix.tolist()]
    assert nearest_rows(matrix, examples, scale).tolist() == expected
