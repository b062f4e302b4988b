"""A service inside the process answers as one at an address does."""

from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from ad_chassis.errors import Unavailable
from ad_chassis.testing import service_client
from ad_gateway.adapters.upstreams import InProcess
from ad_gateway.ports import Forward

CALL = Forward("ingestion", "GET", "/api/v1/streams", {}, None, None, 5.0, False)


async def test_an_answer_that_breaks_off_is_told_of() -> None:
    app = FastAPI()

    async def half() -> AsyncIterator[bytes]:
        yield b"half"
        raise ValueError("the disk is gone")

    @app.get("/api/v1/streams")
    async def break_off() -> StreamingResponse:
        return StreamingResponse(half())

    answer = await InProcess({"ingestion": service_client(app)}).open(CALL)
    pieces = answer.pieces()
    assert await anext(pieces) == b"half"
    with pytest.raises(Unavailable, match="ingestion broke off its answer"):
        await anext(pieces)
    await answer.close()
