"""Which challengers score: those that are there, fit, and did not fail."""

import numpy as np
import pytest

from ad_detection.domain.control import Challenger
from ad_detection.usecases.keep_challengers import PartitionChallengers
from ad_detectors.model import Model
from tests.support.records import sensor_rule

ONE, TWO = Challenger("pumps", 1), Challenger("pumps", 2)
KEY = sensor_rule().key


def trained(*features: str) -> Model:
    rows = np.random.default_rng(1).normal(size=(100, len(features)))
    return Model.train("zscore", rows, list(features))


class Source:
    def __init__(self, **models: Model) -> None:
        self.models: dict[Challenger, Model] = {}
        self.asked = 0

    def get(self, tenant: str, challenger: Challenger) -> Model | None:
        self.asked += 1
        return self.models.get(challenger)


@pytest.fixture
def source() -> Source:
    source = Source()
    source.models = {ONE: trained("load"), TWO: trained("load", "heat")}
    return source


@pytest.fixture
def kept(source: Source) -> PartitionChallengers:
    return PartitionChallengers(source)


def chosen(kept: PartitionChallengers, *challengers: Challenger, **changes) -> tuple[Challenger, ...]:
    rules = kept.chosen({KEY: sensor_rule(challengers=challengers, **changes)})
    assert tuple(kept.models.get(KEY, ())) == rules[KEY].challengers
    return rules[KEY].challengers


def test_those_that_are_there_score_in_their_order(kept, source) -> None:
    assert chosen(kept, TWO, ONE) == (TWO, ONE)
    assert kept.models[KEY][TWO] is source.models[TWO]
    assert not kept.changed


def test_one_that_is_not_there_yet_joins_when_it_has_come(kept, source) -> None:
    late = source.models.pop(TWO)
    assert chosen(kept, ONE, TWO) == (ONE,)
    assert not kept.changed
    source.models[TWO] = late
    assert kept.changed
    assert chosen(kept, ONE, TWO) == (ONE, TWO)
    assert not kept.changed


def test_one_that_scores_stays_although_it_could_not_be_had_again(kept, source) -> None:
    chosen(kept, ONE)
    source.models.clear()
    assert chosen(kept, ONE) == (ONE,)
    assert chosen(kept) == ()


def test_one_that_lacks_a_field_is_left_out_until_the_stream_changes(kept, source) -> None:
    source.models[TWO] = trained("load", "pressure")
    assert chosen(kept, ONE, TWO) == (ONE,)
    source.models[TWO] = trained("load")
    assert chosen(kept, ONE, TWO) == (ONE,), "the same stream, the same model"
    assert chosen(kept, ONE, TWO, revision=2) == (ONE, TWO)


def test_one_that_failed_is_taken_out_until_the_deployment_changes(kept) -> None:
    chosen(kept, ONE, TWO)
    kept.take_out(sensor_rule(challengers=(ONE, TWO)), TWO, "overflow")
    assert kept.changed
    assert chosen(kept, ONE, TWO) == (ONE,)
    assert not kept.changed
    assert chosen(kept, ONE, TWO, deployment_revision=2) == (ONE, TWO)


def test_streams_without_challengers_ask_for_nothing(kept, source) -> None:
    rule = sensor_rule()
    assert kept.chosen({KEY: rule})[KEY] is rule
    assert (source.asked, kept.models, kept.changed) == (0, {}, False)
