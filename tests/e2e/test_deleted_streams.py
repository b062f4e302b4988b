"""A stream that is made anew under the name of a deleted one is another: it shows and knows nothing of it."""

import pytest

from tests.e2e.client import Client, Rows, until
from tests.specs.main_job import readings

pytestmark = pytest.mark.timeout(120)
LISTS = ("/anomalies", "/episodes", "/scores")
ROWS = readings(600, spikes=(550,))


async def anomalies(client: Client) -> Rows:
    found: Rows = []

    async def some() -> bool:
        found[:] = await client.every("/anomalies", "pumps")
        return bool(found)

    await until(some, 30, lambda: "no anomaly was listed")
    return found


def by_row(scores: Rows) -> dict[str, float]:
    return {each["record_id"].rpartition("/")[2]: each["score"] for each in scores}


async def test_the_next_of_a_name_begins_anew(client: Client) -> None:
    for path in LISTS:
        assert (await client.http.get(path, params={"stream": "pumps"})).status_code == 404
    await client.call("POST", "/streams", json={"name": "early"})
    for path in LISTS:
        assert await client.every(path, "early") == []

    await client.create_stream("pumps")
    await client.send("pumps", ROWS)
    scores, found = await client.scores("pumps", 600), await anomalies(client)
    await client.call("DELETE", "/streams/pumps")

    async def gone() -> bool:
        everything = await client.call("GET", "/anomalies")
        own = await client.http.get("/anomalies", params={"stream": "pumps"})
        return own.status_code == 404 and everything["items"] == []

    await until(gone, 20, lambda: "what is of a deleted stream is listed")
    assert (await client.http.get(f"/anomalies/{found[0]['id']}")).status_code == 404
    await client.create_stream("pumps")
    for path in LISTS:
        assert await client.every(path, "pumps") == []
    await client.send("pumps", ROWS)
    again = await client.scores("pumps", 600)
    assert by_row(again) == by_row(scores), "it had learnt"
    listed = await anomalies(client)
    assert {each["generation"] for each in listed} == {2}
    assert not {each["id"] for each in listed} & {each["id"] for each in found}
