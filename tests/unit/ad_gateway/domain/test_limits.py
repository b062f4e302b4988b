"""How many requests pass, here and in several processes, and what the refused are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ad_gateway.domain import limits
from ad_gateway.domain.limits import WINDOW_SECONDS, Caller, Limiter, RateLimits, Verdict, tightest
from tests.support.clock import Clock

START = 1_000_000.0


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


def passed(limiter: Limiter, times: int, key: str = "a") -> int:
    return sum(limiter.take(key).allowed for _ in range(times))


def test_a_burst_gets_its_limit_through_and_no_more(clock: Clock) -> None:
    limiter = Limiter("address", 2.0, clock)
    assert passed(limiter, 100) == 20
    assert passed(limiter, 100, "b") == 20, "another key has its own"


def test_what_is_left_is_told_and_when_it_comes_back(clock: Clock) -> None:
    limiter = Limiter("address", 0.3, clock)
    clock.now += 4.0
    assert limiter.take("a") == Verdict("address", 3, True, 2, 6)
    assert limiter.take("a").remaining == 1
    assert limiter.policy == '"address";q=3;w=10'


def test_the_window_slides(clock: Clock) -> None:
    limiter = Limiter("address", 10.0, clock)
    assert passed(limiter, 200) == 100
    clock.now += WINDOW_SECONDS * 1.25
    assert passed(limiter, 200) == 25, "of the window before, three quarters still count"


def test_after_two_windows_nothing_is_left_of_it(clock: Clock) -> None:
    limiter = Limiter("address", 10.0, clock)
    passed(limiter, 200)
    clock.now += WINDOW_SECONDS * 2
    assert passed(limiter, 200) == 100


@given(
    rate=st.floats(0.1, 30),
    arrivals=st.lists(st.tuples(st.floats(0, 9), st.integers(1, 60)), min_size=1, max_size=12),
)
def test_whoever_waits_as_long_as_told_is_let_through(rate: float, arrivals: list[tuple[float, int]]) -> None:
    clock = Clock(START)
    limiter = Limiter("address", rate, clock)
    for pause, times in arrivals:
        clock.now += pause
        verdicts = [limiter.take("a") for _ in range(times)]
        if not verdicts[-1].allowed:
            clock.now += verdicts[-1].reset_seconds
            assert limiter.take("a").allowed


def test_two_processes_that_tell_each_other_let_little_more_through_than_one(clock: Clock) -> None:
    """The bound that the documentation gives: a twentieth of the limit for each other process."""
    processes = [Limiter("tenant", 100.0, clock) for _ in range(4)]
    totals: dict[tuple[str, int], int] = {}
    through = 0
    for _ in range(1000):
        for process in processes:
            through += process.take("a").allowed
            for what in process.untold():
                totals[what.key, what.window] = totals.get((what.key, what.window), 0) + what.requests
                process.told(what, totals[what.key, what.window])
    assert 1000 <= through <= 1000 + 4 * 50


def test_what_came_while_it_was_told_counts_too(clock: Clock) -> None:
    limiter = Limiter("tenant", 10.0, clock)
    passed(limiter, 10)
    (what,) = limiter.untold()
    passed(limiter, 7)
    limiter.told(what, 50)
    assert limiter.take("a").remaining == 100 - 50 - 7 - 1


def test_what_was_counted_in_a_window_that_is_over_changes_nothing(clock: Clock) -> None:
    limiter = Limiter("tenant", 2.0, clock)
    passed(limiter, 10)
    (what,) = limiter.untold()
    clock.now += WINDOW_SECONDS * 2
    limiter.told(what, 1_000)
    assert limiter.take("a").allowed


def test_memory_is_bounded_by_forgetting_everybody(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEYS", 10)
    limiter = Limiter("address", 0.1, clock)
    for key in range(1000):
        limiter.take(str(key))
    assert len(limiter._counts) <= 11
    assert limiter._before == {}


def three(clock: Clock) -> RateLimits:
    return RateLimits(
        Limiter("address", 5.0, clock), Limiter("caller", 2.0, clock), Limiter("tenant", 3.0, clock)
    )


def test_addresses_of_one_ipv6_network_count_as_one(clock: Clock) -> None:
    quotas = three(clock)
    for host in range(50):
        assert quotas.of_address(f"2001:db8:0:1::{host:x}").allowed
    assert not quotas.of_address("2001:db8:0:1:ffff::1%eth0").allowed
    assert quotas.of_address("2001:db8:0:2::1").allowed


def test_addresses_of_ipv4_count_each_for_itself_also_where_a_listener_writes_them_as_ipv6(
    clock: Clock,
) -> None:
    quotas = three(clock)
    for _ in range(25):
        assert quotas.of_address("::ffff:192.0.2.1").allowed
        assert quotas.of_address("192.0.2.1").allowed
    assert not quotas.of_address("::ffff:192.0.2.1").allowed
    assert quotas.of_address("::ffff:192.0.2.2").allowed


def test_what_is_no_address_counts_as_it_is(clock: Clock) -> None:
    quotas = three(clock)
    assert sum(quotas.of_address("a:b").allowed for _ in range(60)) == 50


def test_users_of_a_tenant_share_its_limit_and_have_their_own(clock: Clock) -> None:
    quotas = three(clock)
    ann, bob = Caller("shop", "user", "ann"), Caller("shop", "user", "bob")
    assert sum(all(each.allowed for each in quotas.of_caller(ann)) for _ in range(50)) == 20
    assert quotas.of_caller(ann)[-1].quota == "caller"
    assert sum(all(each.allowed for each in quotas.of_caller(bob)) for _ in range(15)) == 10
    assert quotas.of_caller(bob)[-1].quota == "tenant"
    assert quotas.of_caller(Caller("other", "user", "ann"))[-1].allowed


def test_the_tightest_is_the_one_of_which_the_smallest_part_is_left() -> None:
    wide, narrow = Verdict("tenant", 1000, True, 30, 5), Verdict("caller", 20, True, 10, 5)
    assert tightest([wide, narrow]) is wide


def test_who_is_refused_is_told_of_once_and_by_which_limit(clock: Clock) -> None:
    told: list[str] = []
    quotas = RateLimits(
        Limiter("address", 0.1, clock),
        Limiter("caller", 0.1, clock),
        Limiter("tenant", 0.1, clock),
        told.append,
    )
    for subject in ("ann", "ann", "bob"):
        quotas.of_address("192.0.2.1")
        quotas.of_caller(Caller("shop", "user", subject))
    assert told == ["address", "caller", "address", "tenant"]
