"""Documents stay true: what they name exists."""

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer.main

from ad_chassis.settings import SERVICES
from ad_contracts.topics import TOPICS
from anomaly_detection.cli.main import app
from tests.architecture import documents, project

DOCUMENTS = [pytest.param(path, id=project.shown(path)) for path in documents.DOCUMENTS]
LIMITS = {documents.README: 200, documents.ARCHITECTURE: 300} | dict.fromkeys(documents.ADRS, 60)
ADR_PARTS = ["Context", "Decision", "Consequences", "Alternatives"]
TENANT = "<tenant>"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    for target, anchor in documents.links(document):
        aim = document.parent / target if target else document
        assert aim.exists(), target
        assert not anchor or anchor in documents.anchors(aim), f"{target}#{anchor}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    missing = [project.shown(path) for path in documents.files(document) if not path.exists()]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_that_a_document_names_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (project.ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", document.read_text(), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_variable_that_a_document_names_is_read(document: Path) -> None:
    unread = documents.variables(document) - variables_read()
    assert not unread, f"nothing reads {sorted(unread)}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_that_a_document_shows_exists(document: Path) -> None:
    for words in documents.commands(document):
        check_command(words)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_of_the_interface_that_a_document_names_is_routed(document: Path) -> None:
    known = [re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)) for path in routed_paths()]
    lost = [path for path in documents.paths(document) if not any(each.fullmatch(path) for each in known)]
    assert not lost, f"no router has {sorted(lost)}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_topic_that_a_document_names_exists(document: Path) -> None:
    known = {spec.name.replace("{tenant}", TENANT) for spec in TOPICS.values()}
    named = {span for span in documents.spans(document) if re.fullmatch(rf"[a-z.]+\.{TENANT}", span)}
    assert named <= known


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_test_that_a_document_names_exists(document: Path) -> None:
    named = {span for span in documents.spans(document) if re.fullmatch(r"test_\w+", span)}
    assert named <= known_tests()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_examples_import_can_be_imported(document: Path) -> None:
    for module, name in documents.imports(document):
        assert hasattr(importlib.import_module(module), name), f"{module} has no {name}"


def test_no_two_guides_make_a_stream_of_one_name() -> None:
    followed = [documents.README, *(project.ROOT / "docs" / "guides").glob("*.md")]
    made = [name for document in followed for name in documents.new_streams(document)]
    assert {"taxi", "pumps", "north", "turbines"} <= set(made)
    assert not {name for name in made if made.count(name) > 1}


def test_the_table_of_services_has_every_service() -> None:
    named = [re.sub(r"\[(\w+)\].*", r"\1", row[0]) for row in documents.table(documents.README, "service")]
    assert sorted(named) == sorted(path.name for path in project.SERVICES) == sorted(SERVICES)


def test_the_table_of_topics_is_that_of_the_contracts() -> None:
    rows = {row[0].strip("`"): row for row in documents.table(documents.ARCHITECTURE, "topic")}
    assert {spec.name.replace("{tenant}", TENANT) for spec in TOPICS.values()} == set(rows)
    for spec in TOPICS.values():
        _, key, partitions, _, carried = rows[spec.name.replace("{tenant}", TENANT)]
        assert int(partitions) == spec.partitions, spec.name
        assert key.startswith(spec.key.split(" joined")[0]), spec.name
        assert all(event in carried for event in spec.schema), spec.name


def test_documents_are_short_enough_to_be_read() -> None:
    long = [
        project.shown(path) for path, limit in LIMITS.items() if len(path.read_text().splitlines()) > limit
    ]
    assert not long


def test_decisions_are_numbered_listed_and_have_their_parts() -> None:
    listed = (project.ROOT / "docs" / "adr" / "README.md").read_text()
    for number, path in enumerate(documents.ADRS, 1):
        text = path.read_text()
        assert path.name.startswith(f"{number:04}-"), path.name
        assert text.startswith(f"# {number}. "), path.name
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ADR_PARTS, path.name
        assert f"]({path.name})" in listed, path.name


WRONG = {
    "a file": ("see `docs/nothing.md`", test_every_file_that_a_document_names_exists),
    "a link": ("[here](nothing.md)", test_links_between_documents_lead_somewhere),
    "a target": ("run `make nothing`", test_every_make_target_that_a_document_names_exists),
    "a variable": ("set `NO_SUCH_VARIABLE`", test_every_variable_that_a_document_names_is_read),
    "a command": ("run `anomaly_detection nothing`", test_every_command_that_a_document_shows_exists),
    "an option": ("run `anomaly_detection train --nothing`", test_every_command_that_a_document_shows_exists),
    "a path": ("`GET /nothing`", test_every_path_of_the_interface_that_a_document_names_is_routed),
    "a part": ("/api/v1/streams/a/nothing", test_every_path_of_the_interface_that_a_document_names_is_routed),
    "a topic": ("`nothing.<tenant>`", test_every_topic_that_a_document_names_exists),
    "a test": ("`test_nothing`", test_every_test_that_a_document_names_exists),
    "a name": (
        "```python\nfrom ad_contracts.topics import nothing\n```\n",
        test_what_examples_import_can_be_imported,
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_does_not_exist_is_noticed(what: str, tmp_path: Path) -> None:
    text, check = WRONG[what]
    document = tmp_path / "document.md"
    document.write_text(text)
    with pytest.raises(AssertionError):
        check(document)


@cache
def known_tests() -> set[str]:
    return {name.split()[-1] for path in project.test_modules() for name, _ in project.functions(path)}


@cache
def variables_read() -> set[str]:
    """Aliases of settings, variables of command options, and what is asked of `os.environ`."""
    modules = [*project.every_module(), *project.test_modules()]
    nodes = [node for path in modules for node in ast.walk(project.parse(path))]
    return {text for node in nodes if names_variables(node) for text in texts(node)}


def names_variables(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        return node.arg in ("validation_alias", "envvar")
    if isinstance(node, ast.Call):
        # `Kind` is a server of the tests, with the variable that may hold its address.
        return ast.unparse(node.func) in ("os.environ.get", "os.getenv", "Kind")
    return isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ"


@cache
def routed_paths() -> set[str]:
    """Every path in the routers of the services and of the chassis, without the prefix of the API.

    The gateway's route for everything that others own is none of them.
    """
    found = {"/"}
    operations = project.ROOT / "libs" / "chassis" / "ad_chassis" / "http" / "operations.py"
    for path in [operations, *(path for service in project.SERVICES for path in service.glob("*/api/*.py"))]:
        tree = project.parse(path)
        keywords = [node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "prefix"]
        prefixes = {text for node in keywords for text in texts(node.value)} or {""}
        for text in texts(tree):
            if text.startswith(documents.API):
                found.add(text)
            elif not text or text.startswith("/"):
                found |= {prefix + text for prefix in prefixes}
    return {path.removeprefix(documents.API) for path in found if "{_path:path}" not in path}


def check_command(words: list[str]) -> None:
    """Follows the words into the groups of the command line, then looks for each option."""
    command = typer.main.get_command(app)
    begun = False
    for word in words:
        # What follows an option of a group may be its value, as in `replay --stream pumps`.
        begun = begun or word.startswith("-")
        if begun or not hasattr(command, "commands"):
            check_option(command, word, words)
            continue
        assert word in command.commands, f"there is no command {' '.join(words)!r}"
        command = command.commands[word]


def check_option(command: object, word: str, words: list[str]) -> None:
    parameters = getattr(command, "params", ())
    options = {option for each in parameters for option in (*each.opts, *each.secondary_opts)}
    if word.startswith("--"):
        known = options | {"--help"}
        assert word.partition("=")[0] in known, f"there is no option {word} in {' '.join(words)!r}"


def texts(node: ast.AST) -> set[str]:
    return set(_texts(node))


def _texts(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value
