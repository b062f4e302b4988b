"""The whole job on real data: `make demo`.

Starts the platform in one process on a free port, sends three labelled series record by record in order, trains an
isolation forest on the first part of one of them, promotes it, and follows the anomalies as they come.
"""

import asyncio
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from demo_client import Platform
from demo_series import SERIES, Series, load
from demo_server import Server
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

CHUNK = 200
TRAINED = "ec2_request_latency"
TRAINED_PERCENT = 30
ALGORITHM = "isolation_forest"
CONTAMINATION = 0.01
SHOWN = {"medium", "high", "critical"}
"""Severities that get a line of their own; the others are counted."""
console = Console(stderr=True)


@dataclass
class Run:
    """What was sent and what came back of one series."""

    series: Series
    sent_at: dict[str, float] = field(default_factory=dict)
    anomalies: dict[str, dict[str, object]] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)

    def not_shown(self) -> int:
        return sum(anomaly["severity"] not in SHOWN for anomaly in self.anomalies.values())

    def found(self) -> int:
        times = [str(anomaly["event_time"]) for anomaly in self.anomalies.values()]
        return sum(any(window.holds(moment) for moment in times) for window in self.series.windows)


async def send(
    platform: Platform, run: Run, rows: list[dict[str, object]], progress: Progress, bar: TaskID
) -> None:
    """Sends rows in order, as fast as the platform takes them, and remembers when each left."""
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        left = time.perf_counter()
        answer = await platform.send(run.series.name, chunk)
        for row in range(len(chunk)):
            run.sent_at[f"{answer['batch_id']}/{row}"] = left
        if answer["accepted"] != len(chunk):
            raise SystemExit(f"demo: {run.series.name} rejected records: {answer['rejections']}")
        progress.advance(bar, len(chunk))


async def follow(platform: Platform, runs: dict[str, Run], opened: asyncio.Event) -> None:
    """Takes anomalies as they arrive over the WebSocket."""
    async for message in platform.anomalies():
        if message["type"] == "ready":
            opened.set()
        if message["type"] != "anomaly":
            continue
        anomaly = message["anomaly"]
        run = runs[anomaly["stream"]]
        run.anomalies[anomaly["id"]] = anomaly
        left = run.sent_at.get(anomaly["record_id"])
        if left is not None:
            run.delays.append(time.perf_counter() - left)
        if anomaly["severity"] in SHOWN:
            say(line_of(anomaly))


def line_of(anomaly: dict[str, Any]) -> str:
    by = anomaly["model_version"] or anomaly["algorithm"]
    return f"[red]anomaly[/red] {anomaly['stream']:<20} {anomaly['event_time'][:16]}  {anomaly['severity']:<8} {by}"


def say(line: str) -> None:
    """One line, whatever the width."""
    console.print(line, highlight=False, soft_wrap=True)


async def work(platform: Platform, runs: dict[str, Run], progress: Progress) -> None:
    """The main job: streams, records, a model, its promotion, and more records."""
    total = sum(len(run.series.rows) for run in runs.values())
    bar = progress.add_task("records sent", total=total)
    for name in runs:
        await platform.create_stream(name)
    trained = runs[TRAINED]
    first = len(trained.series.rows) * TRAINED_PERCENT // 100
    others = [
        send(platform, run, run.series.rows, progress, bar) for name, run in runs.items() if name != TRAINED
    ]
    sending = asyncio.gather(*others)
    await send(platform, trained, trained.series.rows[:first], progress, bar)
    version = await platform.train(TRAINED, ALGORITHM, CONTAMINATION)
    say(f"[green]trained[/green]  {version}: {ALGORITHM} on the first {first} records")
    await platform.promote(TRAINED)
    say(f"[green]promoted[/green] {version}: it scores the rest")
    await send(platform, trained, trained.series.rows[first:], progress, bar)
    await sending


async def finish(platform: Platform, runs: Iterable[Run], progress: Progress) -> list[str]:
    """Waits for the scores and the anomalies of all records, and says what is wrong with them."""
    runs = list(runs)
    bar = progress.add_task("records scored", total=sum(len(run.sent_at) for run in runs))
    problems = []
    for run in runs:
        problems += await scored_once(platform, run)
        await arrived(platform, run)
        if run.not_shown():
            say(f"[dim]… and {run.not_shown()} of low severity in {run.series.name}[/dim]")
        progress.advance(bar, len(run.sent_at))
    return problems


async def scored_once(platform: Platform, run: Run) -> list[str]:
    """What is wrong with the scores of a series; empty when every record was scored exactly once."""
    wanted = set(run.sent_at)
    deadline = time.monotonic() + 30
    while True:
        scored = [score["record_id"] for score in await platform.scores(run.series.name)]
        if len(scored) >= len(wanted) or time.monotonic() > deadline:
            break
        await asyncio.sleep(0.2)
    problems = []
    if missing := wanted - set(scored):
        problems.append(f"{run.series.name}: {len(missing)} records were not scored, such as {min(missing)}")
    if len(scored) != len(set(scored)):
        problems.append(f"{run.series.name}: {len(scored) - len(set(scored))} records were scored twice")
    if strangers := set(scored) - wanted:
        problems.append(f"{run.series.name}: {len(strangers)} scores of records that were never sent")
    return problems


async def arrived(platform: Platform, run: Run) -> None:
    """Waits until the feed has shown every anomaly that is stored."""
    deadline = time.monotonic() + 10
    stored = await platform.anomaly_ids(run.series.name)
    while not stored <= set(run.anomalies) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
        stored = await platform.anomaly_ids(run.series.name)


def percentile(values: list[float], share: float) -> str:
    if not values:
        return "–"
    ordered = sorted(values)
    return f"{ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000:.0f} ms"


def show(runs: Iterable[Run]) -> None:
    table = Table(
        "series",
        "records",
        "anomalies",
        "windows",
        "p50",
        "p99",
        caption="p50, p99: time from record to anomaly",
    )
    table.columns[0].no_wrap = True
    for run in runs:
        windows = f"{run.found()}/{len(run.series.windows)}"
        delays = (percentile(run.delays, 0.5), percentile(run.delays, 0.99))
        table.add_row(run.series.name, str(len(run.sent_at)), str(len(run.anomalies)), windows, *delays)
    Console().print(table)


async def run_demo(server: Server) -> int:
    runs = {series.name: Run(series) for series in map(load, SERIES)}
    async with Platform(server.address, server.admin_key()) as platform:
        opened = asyncio.Event()
        following = asyncio.create_task(follow(platform, runs, opened))
        await asyncio.wait_for(opened.wait(), 10)
        with Progress(console=console) as progress:
            await work(platform, runs, progress)
            problems = await finish(platform, runs.values(), progress)
        following.cancel()
    show(runs.values())
    problems += server.errors()
    return verdict(runs, problems, server.seconds())


def verdict(runs: dict[str, Run], problems: list[str], seconds: float) -> int:
    found = sum(run.found() for run in runs.values())
    windows = sum(len(run.series.windows) for run in runs.values())
    if found * 2 < windows:
        problems.append(f"only {found} of {windows} labelled windows were found")
    for problem in problems:
        print(f"demo: {problem}", file=sys.stderr)
    records = sum(len(run.sent_at) for run in runs.values())
    anomalies = sum(len(run.anomalies) for run in runs.values())
    figures = f"records={records} anomalies={anomalies} windows_found={found}/{windows} seconds={seconds:.1f}"
    print(f"demo: {'FAILED' if problems else 'OK'} {figures}")
    return 1 if problems else 0


def main() -> int:
    with Server(console) as server:
        return asyncio.run(run_demo(server))


if __name__ == "__main__":
    sys.exit(main())
