"""What anomalies tell of their episodes."""

from ad_detection.domain.episode_summary import summarised
from tests.support.anomalies import anomaly


def test_the_peak_is_the_least_probable_and_then_the_one_of_the_highest_score() -> None:
    likely = anomaly(1, episode_id="e", episode_start_time_ms=7, probability=0.01, score=99.0, severity="low")
    low, high = (anomaly(number, episode_id="e", episode_start_time_ms=7, score=number) for number in (2, 3))
    for order in ([likely, low, high], [high, low, likely], [low, high, likely]):
        [found] = summarised(order)
        assert (found.id, found.anomalies, found.peak_id, found.severity) == ("e", 3, high.id, "high")
        assert (found.start_ms, found.end_ms) == (7, high.event_time_ms)


def test_an_anomaly_from_before_there_were_episodes_is_one_of_its_own() -> None:
    one, other = summarised([anomaly(1), anomaly(2)])
    assert [one.id, other.id] == [anomaly(1).id, anomaly(2).id]
    assert one.start_ms == one.end_ms == anomaly(1).event_time_ms
