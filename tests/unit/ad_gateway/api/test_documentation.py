from collections.abc import AsyncIterator

import httpx2
import pytest_asyncio
from fastapi import FastAPI

from ad_contracts.resources import openapi_documents
from ad_gateway.api import documentation, page


@pytest_asyncio.fixture
async def reader() -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI(title="the gateway", version="7", openapi_url=None)
    app.include_router(page.routes())
    app.include_router(documentation.routes(app.openapi, openapi_documents()))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as client:
        yield client


async def test_the_document_introduces_the_whole_platform(reader) -> None:
    info = (await reader.get("/openapi.json")).json()["info"]
    assert (info["title"], info["version"]) == ("anomaly_detection", "7")
    for chapter in ("Sign in", "Problems", "Pages", "Ids", "Live"):
        assert f"### {chapter}\n" in info["description"]


async def test_the_introduction_names_only_calls_that_exist(reader) -> None:
    document = (await reader.get("/openapi.json")).json()
    named = [each.split("`")[0] for each in document["info"]["description"].split("`POST ")[1:]]
    assert named
    assert not [path for path in named if "post" not in document["paths"].get(path, {})]


async def test_every_operation_says_in_words_what_it_does(reader) -> None:
    document = (await reader.get("/openapi.json")).json()
    named = [
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
        if operation["summary"] == operation["operationId"].replace("_", " ").title()
    ]
    assert not named


async def test_whoever_authorises_learns_that_an_api_key_will_do(reader) -> None:
    schemes = (await reader.get("/openapi.json")).json()["components"]["securitySchemes"]
    assert schemes["HTTPBearer"]["description"].startswith("An API key (`ad_…`), or an access token")


async def test_the_page_has_the_icon_of_the_dashboard(reader) -> None:
    answer = await reader.get("/docs", follow_redirects=True)
    assert '<link rel="icon" type="image/svg+xml" href="/web/icon.svg">' in answer.text
    assert (await reader.get("/web/icon.svg")).status_code == 200
