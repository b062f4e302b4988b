"""Tests mirror the code: `tests/unit/<package>/<room>/test_<file>.py` proves `<package>/<room>/<file>.py`."""

from pathlib import Path

from tests.architecture import project

UNIT = project.ROOT / "tests" / "unit"
# What decides must be tested alone; what wires and serves is also seen by the API and end-to-end tests.
DECIDING_ROOMS = {"domain", "usecases"}


def source_of(test: Path) -> tuple[str, Path]:
    package, *rooms = test.relative_to(UNIT).with_suffix("").parts
    name = rooms[-1].removeprefix("test_")
    return package, Path(*rooms[:-1], name)


def test_every_unit_test_stands_where_its_source_stands() -> None:
    packages = {package.name: package for package in (*project.PACKAGES, project.ROOT / "benchmarks")}
    lost = []
    for test in sorted(UNIT.rglob("test_*.py")):
        package, place = source_of(test)
        source = packages[package] / place
        if not (
            source.with_suffix(".py").exists()
            or source.is_dir()
            or ((source.parent / "__init__.py").exists() and source.name == source.parent.name)
        ):
            lost.append(f"{project.shown(test)} → {package}/{place}.py")
    assert not lost, f"tests without a source of that name: {lost}"


def test_everything_that_decides_has_its_unit_test() -> None:
    missing = []
    for package in project.PACKAGES:
        for path in project.modules(package):
            place = path.relative_to(package)
            if place.parts[0] not in DECIDING_ROOMS or not project.functions(path):
                continue  # a file of plain records decides nothing
            test = UNIT / package.name / place.with_name(f"test_{place.name}")
            if not test.exists():
                missing.append(project.shown(test))
    assert not missing, f"write these tests: {missing}"
