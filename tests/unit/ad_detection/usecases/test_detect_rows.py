"""Scoring the rows of a request."""

import asyncio
import threading

import numpy as np
import pytest

from ad_chassis.errors import NotFound, TooManyRequests, Unavailable, Unprocessable
from ad_detection.ports import ModelUnusable
from ad_detection.usecases.detect_rows import AtOnce, Detected, detect_by_algorithm, detect_by_model, table_of
from ad_detectors.model import Model

ROWS = [{"a": float(value), "b": value % 3} for value in [*range(50), 1000]]


class Ready:
    async def ready(self, algorithm: str) -> None:
        """Nothing is to be compiled."""


READY = Ready()


class OneModel:
    def __init__(self) -> None:
        self.model = Model.train("zscore", np.arange(100.0).reshape(-1, 1), ["a"])

    async def load(self, tenant: str, name: str, version: int) -> Model:
        if (tenant, name, version) != ("default", "pumps", 1):
            raise ModelUnusable(f"{name}@{version} is not in the registry")
        return self.model


async def test_an_algorithm_is_fitted_on_the_rows_and_finds_the_odd_one() -> None:
    detected = await detect_by_algorithm(AtOnce(), READY, ROWS, "isolation_forest", 0.02, {})
    assert np.flatnonzero(detected.scored.label).tolist() == [50]
    assert detected.names == ("a", "b")


async def test_a_model_gives_the_scores_that_it_gives_anywhere() -> None:
    models = OneModel()
    detected = await detect_by_model(AtOnce(), models, "default", ROWS, "pumps", 1)
    expected = models.model.score(np.array([[row["a"]] for row in ROWS])).score
    assert detected.scored.score.tolist() == expected.tolist()
    assert detected.model_version == "pumps@1"


async def test_one_row_is_enough() -> None:
    detected = await detect_by_algorithm(AtOnce(), READY, [{"a": 1.0}], "isolation_forest", 0.1, {})
    assert np.isfinite(detected.scored.score).all()


@pytest.mark.parametrize(
    ("rows", "algorithm", "reason"),
    [
        ([], "zscore", "the data is empty"),
        ([{}], "zscore", "have no columns"),
        ([{"a": "warm"}], "zscore", "not numbers"),
        (ROWS, "crystal_ball", "valid choices: isolation_forest"),
        (ROWS, "adaptive", "a streaming detector, a batch one is needed"),
    ],
)
async def test_what_cannot_be_scored_is_refused_with_the_reason(rows, algorithm, reason) -> None:
    with pytest.raises(Unprocessable, match=reason):
        await detect_by_algorithm(AtOnce(), READY, rows, algorithm, 0.1, {})


async def test_unknown_models_and_missing_features_are_said() -> None:
    with pytest.raises(NotFound, match="pumps@2 is not in the registry"):
        await detect_by_model(AtOnce(), OneModel(), "default", ROWS, "pumps", 2)
    with pytest.raises(Unprocessable, match="missing: a"):
        await detect_by_model(AtOnce(), OneModel(), "default", [{"b": 1}], "pumps", 1)


def test_a_missing_value_is_no_number_but_no_error() -> None:
    table = table_of([{"a": 1, "b": True}, {"a": None}])
    np.testing.assert_array_equal(table.features, [[1.0, 1.0], [np.nan, np.nan]])


def test_a_text_among_numbers_is_named_with_its_place() -> None:
    with pytest.raises(Unprocessable) as caught:
        table_of([{"a": 1.0}, {"a": "warm"}])
    assert caught.value.errors == ({"field": "data.1.a", "message": "'warm' is not a number"},)


@pytest.mark.parametrize(
    ("algorithm", "parameters"),
    [("isolation_forest", {"trees": 501}), ("knn", {"neighbors": 501}), ("knn", {"reference": 20_001})],
)
async def test_more_work_than_a_request_may_ask_for_is_refused(algorithm, parameters) -> None:
    with pytest.raises(Unprocessable, match="too much work for a request"):
        await detect_by_algorithm(AtOnce(), READY, ROWS, algorithm, 0.1, parameters)


async def test_defaults_and_seeds_are_never_too_much() -> None:
    chosen = {"reference": 20_000, "seed": 4_000_000_000}
    detected = await detect_by_algorithm(AtOnce(), READY, ROWS, "knn", 0.1, chosen)
    assert detected.algorithm == "knn"


async def test_requests_beyond_those_that_may_wait_are_sent_away() -> None:
    at_once, gate = AtOnce(threads=1, waiting=1), threading.Event()
    detected = await detect_by_algorithm(AtOnce(), READY, ROWS, "zscore", 0.1, {})

    def work() -> Detected:
        gate.wait(10)
        return detected

    running = [asyncio.create_task(at_once.run(work)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyRequests):
        await at_once.run(work)
    gate.set()
    assert await asyncio.gather(*running) == [detected, detected]
    assert await at_once.run(work) is detected


async def test_kernels_are_ready_before_rows_are_scored_and_not_asked_for_when_refused() -> None:
    class StillCompiling:
        async def ready(self, algorithm: str) -> None:
            raise Unavailable(f"{algorithm} is being compiled")

    with pytest.raises(Unavailable, match="iqr is being compiled"):
        await detect_by_algorithm(AtOnce(), StillCompiling(), ROWS, "iqr", 0.1, {})
    with pytest.raises(Unprocessable, match="crystal_ball"):
        await detect_by_algorithm(AtOnce(), StillCompiling(), ROWS, "crystal_ball", 0.1, {})
