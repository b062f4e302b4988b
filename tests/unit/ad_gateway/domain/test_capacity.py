"""A service takes as many at once as it answers without delay, and tenants share them."""

import pytest

from ad_gateway.domain.capacity import FEW, SEEN_SECONDS, Capacity


class Service:
    """Its answers take a time that depends on how many there are at once."""

    def __init__(self) -> None:
        self.now = 100.0
        self.capacity = Capacity(lambda: self.now)

    def answer(self, crowd: int, seconds: float) -> None:
        asked = [self.capacity.began() for _ in range(crowd)]
        self.now += seconds
        for each in reversed(asked):
            self.capacity.ended(each, answered=True)

    def limit_after(self, rounds: int, crowd: int, seconds: float) -> float:
        for _ in range(rounds):
            self.answer(crowd, seconds)
        return self.capacity.limit


def test_it_grows_while_a_crowd_is_answered_as_quickly_as_a_few() -> None:
    service = Service()
    service.answer(1, 0.01)
    assert service.limit_after(100, 30, 0.012) > 20


def test_it_shrinks_while_requests_wait_for_each_other_and_no_further_than_to_a_few() -> None:
    service = Service()
    service.answer(1, 0.01)
    service.limit_after(100, 30, 0.012)
    assert service.limit_after(10, 30, 0.3) == FEW


def test_who_is_alone_teaches_nothing_of_crowds() -> None:
    service = Service()
    assert service.limit_after(1000, 1, 0.01) < 3


def test_a_service_that_became_slower_for_everybody_is_not_taken_for_a_crowded_one() -> None:
    service = Service()
    service.answer(1, 0.01)
    service.limit_after(100, 2, 0.1)
    assert service.limit_after(100, 30, 0.12) > 20


def test_where_there_are_always_two_a_slower_service_is_noticed_too() -> None:
    service = Service()
    service.answer(1, 0.01)
    hand = service.capacity.began()
    for _ in range(1500):
        following = service.capacity.began()
        service.now += 0.05
        service.capacity.ended(hand, answered=True)
        hand = following
    service.capacity.ended(hand, answered=True)
    assert service.limit_after(5, 30, 0.12) > FEW


def test_what_was_not_answered_teaches_nothing() -> None:
    service = Service()
    service.answer(1, 0.01)
    asked = [service.capacity.began() for _ in range(30)]
    before = service.capacity.limit
    service.now += 30
    for each in asked:
        service.capacity.ended(each, answered=False)
    assert service.capacity.limit == before


def test_a_few_slow_answers_are_not_what_is_usual() -> None:
    service = Service()
    for number in range(200):
        service.answer(1, 1.0 if number % 5 == 4 else 0.01)
    assert service.limit_after(5, 30, 0.1) == FEW


def test_one_alone_has_it_all_and_two_the_half_each_until_one_is_gone_for_a_while() -> None:
    service = Service()
    service.answer(1, 0.01)
    service.capacity.limit = 10.0
    assert service.capacity.share("a", 32) == 32
    assert service.capacity.share("b", 32) == 5
    assert service.capacity.share("a", 32) == 5
    assert service.capacity.share("a", 4) == 4
    service.now += SEEN_SECONDS
    assert service.capacity.share("a", 32) == 5
    service.now += 2 * SEEN_SECONDS
    assert service.capacity.share("a", 32) == 32


@pytest.mark.parametrize("tenants", [2, 3, 7])
def test_shares_that_are_used_up_grow_where_nobody_waits(tenants: int) -> None:
    service = Service()
    service.answer(1, 0.01)
    for _ in range(3000):
        shares = [service.capacity.share(f"tenant {number}", 32) for number in range(tenants)]
        service.answer(sum(shares[1:]) + 1, 0.01)
    assert service.capacity.share("tenant 0", 32) > 3


def test_each_of_many_has_one_request_at_least() -> None:
    service = Service()
    service.answer(1, 0.01)
    assert {service.capacity.share(f"tenant {number}", 32) for number in range(100)} == {32, 1}


def test_nothing_is_shared_out_before_anything_is_known() -> None:
    capacity = Service().capacity
    assert [capacity.share(who, 32) for who in ("a", "b", "a")] == [32, 32, 32]


def test_strangers_count_as_one_however_many_addresses_they_have() -> None:
    service = Service()
    service.answer(1, 0.01)
    limit = service.limit_after(100, 30, 0.012)
    assert service.capacity.share("tenant shop", 1000) == 1000
    for number in range(200):
        service.capacity.share_of_strangers(f"address 192.0.2.{number}", 1000)
    assert service.capacity.share("tenant shop", 1000) == int(limit / 2)
