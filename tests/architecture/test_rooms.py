"""Every service has the same rooms, so that who knows one knows all."""

import ast

import pytest

from tests.architecture import project

ROOMS = {"domain", "usecases", "adapters", "api", "migrations", "web"}
FILES = {"__init__.py", "main.py", "settings.py", "ports.py", "py.typed"}
SERVICES = [pytest.param(path, id=path.name) for path in project.SERVICES]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_only_the_rooms_that_all_services_have(service) -> None:
    package = project.package_of(service)
    entries = {path.name for path in package.iterdir() if path.name != "__pycache__"}
    strangers = entries - ROOMS - FILES
    assert not strangers, f"{project.shown(package)}: rooms are {sorted(ROOMS)}, files are {sorted(FILES)}"
    assert package.name == f"ad_{service.name}"
    assert {"main.py", "api"} <= entries


@pytest.mark.parametrize("service", SERVICES)
def test_the_wiring_of_a_service_is_one_function_named_build(service) -> None:
    tree = project.parse(project.package_of(service) / "main.py")
    functions = [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert "build" in functions
    assert not [node for node in tree.body if isinstance(node, ast.ClassDef)], (
        "main.py wires, it defines nothing"
    )


@pytest.mark.parametrize("service", SERVICES)
def test_the_domain_awaits_nothing(service) -> None:
    for path in sorted((project.package_of(service) / "domain").glob("*.py")):
        awaiting = [
            node.lineno
            for node in ast.walk(project.parse(path))
            if isinstance(node, ast.AsyncFunctionDef | ast.Await)
        ]
        assert not awaiting, f"{project.shown(path)} lines {awaiting}: the domain is pure"


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py", "service_layer.py", "manager.py"}
    found = [project.shown(path) for path in project.every_module() if path.name in vague]
    assert not found, f"name these after what they hold: {found}"
