"""Why a process ended, in words."""

import signal

import pytest

from ad_training.domain.exits import out_of_time, reason_of_exit


@pytest.mark.parametrize(
    ("code", "last_words", "reason"),
    [
        (-signal.SIGKILL, "", "killed by the system, most likely because the machine ran out of memory"),
        (-signal.SIGABRT, "memory allocation of 80 bytes failed", "more memory than its limit of 64 MB"),
        (-signal.SIGSEGV, "", "crashed with SIGSEGV"),
        (-99, "", "crashed with signal 99"),
        (1, "Traceback\nValueError: odd\n", "exit code 1: ValueError: odd"),
        (0, "", "it said nothing"),
    ],
)
def test_the_reason_names_what_happened(code: int, last_words: str, reason: str) -> None:
    assert reason in reason_of_exit(code, last_words, 64)


def test_the_time_limit_is_named_with_its_remedy() -> None:
    assert "1.5 s; raise time_limit_seconds" in out_of_time(1.5)
