"""Parameters are checked when they are made, by name, value and range."""

from dataclasses import dataclass

import numpy as np
import pytest

from ad_detectors.errors import ParameterError
from ad_detectors.parameters import ParameterDoc, Parameters, option, parse_value


@dataclass(frozen=True, kw_only=True)
class Sample(Parameters):
    count: int = option(3, "how many", low=1, high=9)
    share: float = option(0.5, "how much", low=0)
    mode: str = option("mean", "which", choices=("mean", "median"))
    deep: bool = option(False, "whether")


@pytest.mark.parametrize(
    ("name", "value", "valid"),
    [
        ("count", 0, "a whole number from 1 to 9"),
        ("count", 2.5, "a whole number from 1 to 9"),
        ("count", "3", "a whole number from 1 to 9"),
        ("count", True, "a whole number from 1 to 9"),
        ("share", -0.1, "a number of at least 0"),
        ("share", float("nan"), "a number of at least 0"),
        ("share", float("inf"), "a number of at least 0"),
        ("mode", "max", "one of mean, median"),
        ("mode", 1, "one of mean, median"),
        ("deep", 1, "true or false"),
    ],
)
def test_a_wrong_value_is_refused_with_name_value_and_range(name, value, valid) -> None:
    with pytest.raises(ParameterError) as caught:
        Sample.of({name: value})
    assert str(caught.value) == f"parameter {name!r} is {value!r}; valid is {valid}"


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ParameterError, match="'speed'; valid parameters: count, share, mode, deep"):
        Sample.of({"speed": 1})


def test_numbers_of_other_types_become_plain_ones() -> None:
    made = Sample.of({"count": np.int64(4), "share": 1})
    assert (type(made.count), type(made.share)) == (int, float)
    assert made.as_dict() == {"count": 4, "share": 1.0, "mode": "mean", "deep": False}


def test_every_parameter_describes_itself() -> None:
    docs = {doc.name: doc for doc in Sample.describe()}
    assert (docs["count"].type, docs["count"].default, docs["count"].doc) == ("integer", 3, "how many")
    assert docs["mode"].choices == ("mean", "median")


@pytest.mark.parametrize(
    ("text", "value"), [("200", 200), ("0.5", 0.5), ("true", True), ("mean", "mean"), ("[1]", "[1]")]
)
def test_text_of_a_command_line_becomes_a_value(text, value) -> None:
    assert parse_value(text) == value


def test_large_whole_numbers_are_told_in_full() -> None:
    doc = ParameterDoc(name="seed", type="integer", default=0, doc="", low=0, high=2**32 - 1)
    assert doc.valid == "a whole number from 0 to 4294967295"
    assert ParameterDoc(name="share", type="number", default=0.5, doc="", low=1e-6, high=0.5).valid == (
        "a number from 1e-06 to 0.5"
    )


def test_text_without_choices_is_told_as_text() -> None:
    assert ParameterDoc(name="members", type="string", default="", doc="").valid == "text"
