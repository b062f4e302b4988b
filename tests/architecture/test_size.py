"""Files and functions that can be read at once: a service.py of 4,000 lines starts as one of 500."""

from tests.architecture import project

FILE_LINES = 400
FUNCTION_LINES = 60
KERNEL_LINES = 120


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    sources = project.every_module() + project.test_modules()
    long = {
        project.shown(path): count
        for path in sources
        if (count := len(path.read_text().splitlines())) > FILE_LINES
    }
    assert not long, f"split these files, {FILE_LINES} lines are the limit: {long}"


def test_no_function_is_longer_than_a_screen() -> None:
    long = {}
    for path in project.every_module():
        limit = KERNEL_LINES if "kernels" in path.parts else FUNCTION_LINES
        long |= {name: length for name, length in project.functions(path) if length > limit}
    assert not long, f"split these functions: {long}"
