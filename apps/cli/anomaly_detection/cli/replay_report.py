"""The result of a replay as tables."""

from collections.abc import Mapping
from typing import Any

from anomaly_detection.cli import printing

COUNTED = ("scored", "rejected", "alerts", "alerts_per_day")
ALERT_TIMES = ("first_alert_time", "last_alert_time")
LABELLED = (
    "windows",
    "windows_found",
    "alerts_inside",
    "alerts_outside",
    "precision",
    "recall",
    "f1",
    "seconds_to_detect_median",
    "seconds_to_detect_max",
)
COMPARED = ("both", "only_a", "only_b", "rank_correlation", "sampled_rows")


def show(replay: Mapping[str, Any], json: bool) -> None:
    if json:
        printing.as_json(replay)
        return
    result = replay.get("result")
    if result is None:
        printing.details(f"replay of {replay['stream']}", replay, ("id", "state", "rows", "error"))
        return
    configurations = result["configurations"]
    title = f"replay of {replay['stream']}: {replay['rows']:,} records of the {replay['source']}"
    columns = [name if len(configurations) > 1 else "value" for name in configurations]
    lines = list(zip(*(_column(each) for each in configurations.values()), strict=True))
    names = [name for name, _ in _lines(next(iter(configurations.values())))]
    printing.table(
        title, ["what", *columns], [(name, *line) for name, line in zip(names, lines, strict=True)]
    )
    if result.get("comparison"):
        printing.details("alerts of both and of one alone", result["comparison"], COMPARED)
    for name, each in configurations.items():
        if len(each["by_entity"]) > 1:
            whose = f" by {name}" if len(configurations) > 1 else ""
            printing.records(f"entities with the most alerts{whose}", ("entity", "alerts"), each["by_entity"])


def _column(configuration: Mapping[str, Any]) -> list[str]:
    return [text for _, text in _lines(configuration)]


def _lines(configuration: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is said of one configuration; the same lines for both."""
    scored_by = configuration["model_version"] or configuration["algorithm"]
    found = [("scored by", printing.cell(scored_by))]
    found += [(name.replace("_", " "), printing.cell(configuration[name])) for name in COUNTED]
    found += [(f"  {name}", printing.cell(count)) for name, count in configuration["by_severity"].items()]
    found += [(name.replace("_", " "), printing.moment(configuration[name])) for name in ALERT_TIMES]
    labels = configuration.get("labels")
    if labels:
        found += [(name.replace("_", " "), printing.cell(labels[name])) for name in LABELLED]
    return found
