"""`algorithms`: the catalogue for people and for programs."""

import doctest

import pytest

from ad_detectors import catalog
from anomaly_detection.cli.algorithms import KINDS, sections


def test_every_algorithm_has_its_line(command) -> None:
    result = command("algorithms")
    assert result.code == 0
    for entry in catalog.ENTRIES.values():
        assert f"│ {entry.name} " in result.out
    listed = command("algorithms", "--json").json["algorithms"]
    assert listed == [
        {"name": entry.name, "kind": entry.kind, "summary": entry.summary}
        for entry in catalog.ENTRIES.values()
    ]


def test_every_kind_is_explained() -> None:
    assert {entry.kind for entry in catalog.ENTRIES.values()} <= KINDS.keys()


def test_one_kind_can_be_listed(command) -> None:
    listed = command("algorithms", "--kind", "streaming", "--json").json["algorithms"]
    assert [each["name"] for each in listed] == list(catalog.names("streaming"))


@pytest.mark.parametrize("name", catalog.ENTRIES)
def test_one_algorithm_tells_its_idea_source_and_parameters(command, name) -> None:
    found = command("algorithms", name, "--json").json
    assert found["idea"]
    assert found["source"]
    parameters = catalog.get(name).parameters
    assert [(each["name"], each["valid"]) for each in found["parameters"]] == [
        (doc.name, doc.valid) for doc in parameters
    ]
    shown = command("algorithms", name).out
    assert shown.startswith(f"{name} ({catalog.get(name).kind})\n")
    for doc in parameters:
        assert f"│ {doc.name} " in shown


def test_people_read_the_ranges(command) -> None:
    shown = command("algorithms", "isolation_forest").out
    assert "a whole number from 1 to 10000" in shown
    assert "Liu, Ting and Zhou, Isolation Forest, ICDM 2008." in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("isolation-forrest",), "unknown algorithm 'isolation-forrest'; did you mean isolation_forest"),
        (("quantum",), "unknown algorithm 'quantum'. `anomaly_detection algorithms` lists all"),
        (("--kind", "magic"), "--kind is 'magic'; valid choices: batch, series, streaming, drift, graph"),
        (("zscore", "--kind", "batch"), "leave it out"),
    ],
)
def test_wrong_arguments_are_one_line(command, arguments, words) -> None:
    result = command("algorithms", *arguments)
    assert result.code == 2
    assert words in result.err
    assert result.err.count("\n") == 1


def test_sections_of_a_docstring_are_found_whatever_their_order() -> None:
    heads = {"Parameters": "a : int", "Source": "X, 2001;\nY, 2002.", "Examples": ">>> 1\n1"}
    text = "\n\n".join(f"{head}\n{'-' * len(head)}\n{body}" for head, body in heads.items())
    assert sections(f"Title.\n\nIdea.\n\n{text}") == {"Idea": "Title.\n\nIdea.", **heads}


@pytest.mark.parametrize("name", catalog.ENTRIES)
def test_the_example_that_is_shown_runs_when_it_is_pasted(command, name) -> None:
    shown = command("algorithms", name).out
    _, _, example = shown.partition("\nexample\n")
    assert example.startswith(">>> ")
    assert command("algorithms", name, "--json").json["example"] == example.rstrip("\n")
    test = doctest.DocTestParser().get_doctest(example, {}, name, None, None)
    outcome = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
    assert outcome.attempted > 2
    assert outcome.failed == 0
