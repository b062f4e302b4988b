"""Finding streams."""

import pytest

from ad_chassis.errors import NotFound
from ad_ingestion.usecases.find_stream import find_stream


async def test_a_stream_that_never_was_is_not_found(ingestion) -> None:
    created = await ingestion.create()
    assert await find_stream(ingestion.store, ("default", "sensors")) == created
    for key in (("default", "other"), ("acme", "sensors")):
        with pytest.raises(NotFound, match="GET /api/v1/streams lists"):
            await find_stream(ingestion.store, key)
