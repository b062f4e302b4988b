"""A model file from the registry."""

import hashlib

import pytest

from anomaly_detection.client.api import Api
from anomaly_detection.client.artifact import save
from anomaly_detection.client.problems import ServerError
from tests.support.canned_server import Answer, problem


def test_a_file_that_is_there_stays_when_the_download_fails(server, address, tmp_path) -> None:
    target = tmp_path / "m.adm"
    target.write_bytes(b"old")
    server.on("GET /v", {"artifact_sha256": hashlib.sha256(b"new").hexdigest()})
    server.on("GET /v/artifact", problem(503, "the store is away"), Answer(b"new"))
    with Api(address) as api:
        with pytest.raises(ServerError, match="the store is away"):
            save(api, "/v", target)
        assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]
        assert save(api, "/v", target)["size_bytes"] == 3
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"new"]
