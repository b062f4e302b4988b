"""Clients that are stopped although they are broken."""

from aiokafka.errors import KafkaConnectionError, KafkaError, ProducerFenced

from ad_chassis.eventlog.kafka_client import stop_quietly


class Broken:
    def __init__(self, error: KafkaError) -> None:
        self.error = error

    async def stop(self) -> None:
        raise self.error


async def test_a_producer_that_was_replaced_meanwhile_says_so_in_one_line(caplog) -> None:
    await stop_quietly(Broken(ProducerFenced()))
    [told] = caplog.records
    assert "has another owner" in told.getMessage()
    assert told.exc_info is None


async def test_any_other_failure_is_told_with_all_that_is_known(caplog) -> None:
    await stop_quietly(Broken(KafkaConnectionError("gone")))
    [told] = caplog.records
    assert told.getMessage() == "a Kafka client did not stop cleanly"
    assert told.exc_info is not None
