"""Closed, open, half-open, and back."""

import pytest

from ad_gateway.domain.breaker import TRIAL_SECONDS, Breaker
from tests.support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(100.0)


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(failures=3, rest_seconds=5.0, clock=clock)


def fail(breaker: Breaker, times: int = 3) -> None:
    for _ in range(times):
        breaker.failed()


def test_it_opens_after_so_many_failures_in_a_row(breaker: Breaker) -> None:
    fail(breaker, 2)
    assert breaker.wait_seconds() == 0
    fail(breaker, 1)
    assert breaker.wait_seconds() == 5.0


def test_a_success_in_between_starts_the_count_anew(breaker: Breaker) -> None:
    fail(breaker, 2)
    breaker.succeeded()
    fail(breaker, 2)
    assert not breaker.open


def test_after_its_rest_one_call_is_let_through_and_others_wait(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.now += 5.0
    assert breaker.wait_seconds() == 0
    assert breaker.wait_seconds() > 0


def test_the_trial_decides(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.now += 5.0
    breaker.wait_seconds()
    breaker.failed()
    assert breaker.wait_seconds() == 5.0
    clock.now += 5.0
    breaker.wait_seconds()
    breaker.succeeded()
    assert not breaker.open
    assert breaker.wait_seconds() == 0


def test_a_trial_that_was_given_up_makes_room_for_the_next(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.now += 5.0
    breaker.wait_seconds()
    breaker.abandoned()
    assert breaker.wait_seconds() == 0


def test_a_trial_that_never_ends_does_not_close_the_way_for_ever(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.now += 5.0
    breaker.wait_seconds()
    clock.now += TRIAL_SECONDS
    assert breaker.wait_seconds() == 0
