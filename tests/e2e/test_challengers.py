"""A version scores in the shadow of the champion, is compared with it, survives a kill, and is promoted."""

import pytest

from tests.e2e.client import Client, Rows, until
from tests.e2e.system import System
from tests.specs.main_job import readings

pytestmark = pytest.mark.timeout(180)
CHAMPION, CHALLENGER = "line@1", "line@2"


async def labels(client: Client, version: str) -> dict[str, bool]:
    """By record; a record that was scored twice by a version would be seen."""
    found = [each for each in await client.every("/scores", "line") if each["model_version"] == version]
    assert len({each["record_id"] for each in found}) == len(found)
    return {each["record_id"]: each["label"] for each in found}


async def until_scored(client: Client, version: str, rows: Rows) -> None:
    """Sends the rows one by one until one more than before is scored by the version."""
    before, waiting = len(await labels(client, version)), iter(rows)

    async def more() -> bool:
        await client.send("line", [next(waiting)])
        return len(await labels(client, version)) > before

    await until(more, 30, lambda: f"{version} scored nothing")


async def accepted(client: Client) -> int:
    count: int = (await client.call("GET", "/streams/line"))["counts"]["accepted"]
    return count


async def test_from_the_shadow_to_the_champion(system: System, client: Client) -> None:
    await client.create_stream("line")
    await client.send("line", readings(500))
    for trees in (20, 50):
        await client.train("line", "line", parameters={"trees": trees})
    system.command("models", "promote", "line", "--stream", "line", "--version", "1")
    await until_scored(client, CHAMPION, readings(300, first=1000))
    shadow = system.command("models", "shadow", "line", CHALLENGER)
    assert shadow["challengers"] == [{"model": "line", "version": 2}]
    refused = await client.http.delete("/models/line/versions/2")
    assert (refused.status_code, "challengers" in refused.text) == (409, True)
    await until_scored(client, CHALLENGER, readings(300, first=2000))
    await client.send("line", readings(600, seed=3, first=3000, spikes=(100, 500)))
    by_hand: dict[str, int] = {}

    async def compared() -> bool:
        # In this order: what the challenger has scored, the champion has.
        challenger, champion = await labels(client, CHALLENGER), await labels(client, CHAMPION)
        alerts, others = ({row for row in challenger if each[row]} for each in (champion, challenger))
        by_hand.update(
            rows=len(challenger),
            champion_alerts=len(alerts),
            challenger_alerts=len(others),
            both=len(alerts & others),
        )
        [report] = system.command("models", "compare", "line")["items"] or [{}]
        return len(challenger) > 600 and by_hand.items() <= report.items()

    await until(compared, 30, lambda: f"the comparison is not {by_hand}")
    assert by_hand["both"] >= 2
    told = {each["model_version"] for each in await client.every("/anomalies", "line")}
    assert CHALLENGER not in told

    system.kill(None)
    system.launch(None)
    await system.ready()
    await client.send("line", readings(200, seed=4, first=5000))
    await until_scored(client, CHALLENGER, readings(300, first=6000))
    promoted = system.command("models", "promote", "line", "--stream", "line", "--version", "2")
    assert promoted["challengers"] == []
    await until_scored(client, CHALLENGER, readings(300, first=7000))

    async def all_scored() -> bool:
        scored = {each["record_id"] for each in await client.every("/scores", "line")}
        return len(scored) == await accepted(client)

    await until(all_scored, 30, lambda: "not every record was scored")
    assert system.errors() == []
