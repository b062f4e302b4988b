"""Which service answers which path."""

import pytest

from ad_gateway.domain.owners import owner


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/api/v1/streams", "ingestion"),
        ("/api/v1/streams/a/records", "ingestion"),
        ("/api/v1/streams/a/comparison", "detection"),
        ("/api/v1/streams/a/partitions", "detection"),
        ("/api/v1/streams/a/entities", "detection"),
        ("/api/v1/streams/comparison", "ingestion"),
        ("/api/v1/streams/a/b/comparison", "ingestion"),
        ("/api/v1/train/7", "training"),
        ("/api/v1/models/m/promote", "model_registry"),
        ("/api/v1/anomalies", "detection"),
        ("/api/v1/anomalies/7", "detection"),
        ("/api/v1/anomalies/stream", None),
        ("/api/v1/anomalies/stream/more", "detection"),
        ("/api/v1/audit/head", "auth"),
        ("/api/v1/users/me/totp", "auth"),
        ("/api/v1/auth/token", "auth"),
        ("/api/v1/tenants/acme", "auth"),
        ("/api/v1/streamsandmore", None),
        ("/api/v1/", None),
        ("/api/v2/streams", None),
        ("/streams", None),
    ],
)
def test_the_first_part_of_a_path_decides_but_for_parts_of_others(path: str, service: str | None) -> None:
    assert owner(path) == service
