"""What is gathered of batches on its way to the keepers."""

from types import SimpleNamespace

from ad_chassis.eventlog.port import Batch, TopicPartition
from ad_detection.api.watchers import Keeping
from ad_detection.domain.load import BatchLoad
from ad_detection.domain.results import Results
from ad_detection.usecases.keep_comparisons import ComparisonKeeper
from ad_detection.usecases.keep_lists import ListKeeper
from ad_detection.usecases.keep_loads import LoadKeeper
from tests.support.clock import Clock
from tests.support.comparisons import PAIR, Comparisons, counts
from tests.support.entity_lists import EntityLists, met
from tests.support.fixed_view import FixedView
from tests.support.loads import Loads

SCORER = SimpleNamespace(tenant="default", entities_of=lambda _: 7)
BATCH = Batch(TopicPartition("records.default", 0), [])


class Bench:
    def __init__(self, view: FixedView) -> None:
        self.comparisons, self.loads, self.lists = Comparisons(), Loads(), EntityLists()
        clock = Clock(1_000_000)
        self.keepers = (
            ComparisonKeeper(self.comparisons, "me", clock),
            LoadKeeper(self.loads, "me", clock),
            ListKeeper(self.lists, clock),
        )
        self.keeping = Keeping(view, *self.keepers)

    def score(self, *streams: str) -> None:
        results = Results()
        results.loads = {stream: BatchLoad(1, {"p1": 1}) for stream in streams}
        results.met = [met("a", key=("default", stream)) for stream in streams]
        results.comparisons = {PAIR._replace(stream=stream): counts(10) for stream in streams}
        self.keeping.scored(BATCH, results, SCORER)

    async def written(self) -> list[list[str]]:
        """The streams of comparisons, loads and lists."""
        for keeper in self.keepers:
            await keeper.write()
        return [
            [pair.stream for _, pair, _ in self.comparisons.kept],
            [stream for _, _, stream, _ in self.loads.kept],
            [stream for (_, stream), _ in self.lists.kept],
        ]


async def test_a_stream_that_went_while_its_batch_was_scored_is_not_counted() -> None:
    bench = Bench(FixedView("sensors"))
    bench.score("sensors", "pumps")
    assert await bench.written() == [["sensors"]] * 3


async def test_every_keeper_hears_of_a_stream_that_is_gone() -> None:
    bench = Bench(FixedView("sensors", "pumps"))
    bench.score("sensors", "pumps")
    await bench.written()
    bench.score("sensors", "pumps")
    bench.keeping.gone(("default", "sensors"))
    assert await bench.written() == [["pumps"]] * 3
