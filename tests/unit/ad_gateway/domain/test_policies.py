"""The limits of a path follow from its first part, and from what is asked of a thing."""

import pytest

from ad_gateway.domain.owners import OWNERS
from ad_gateway.domain.policies import DEFAULT, POLICIES, policy_of, template_of


def test_records_may_be_large_and_compressed_and_everything_else_of_a_stream_may_not() -> None:
    records = policy_of("/api/v1/streams/pump/records")
    assert (records.body, records.gzip, records.slow) == ("data", True, True)
    for path in ("/api/v1/streams", "/api/v1/streams/pump", "/api/v1/streams/records"):
        assert policy_of(path) == DEFAULT
    assert DEFAULT.body == "small"
    assert not DEFAULT.gzip


@pytest.mark.parametrize("path", ["/api/v1/auth/token", "/api/v1/api-keys", "/api/v1/api-keys/7"])
def test_what_answers_secrets_is_marked_so(path: str) -> None:
    assert policy_of(path).secret


@pytest.mark.parametrize("path", ["/api/v1/train", "/api/v1/streams/a/records", "/api/v1/models/m/versions"])
def test_where_the_service_keeps_the_key_for_good_the_gateway_does_not(path: str) -> None:
    assert not policy_of(path).keyed


def test_every_policy_is_of_a_path_that_somebody_owns() -> None:
    assert {first for first, _ in POLICIES} <= set(OWNERS)


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/api/v1/streams/pump/records", "/api/v1/streams/{name}/records"),
        ("/api/v1/streams/pump", "/api/v1/streams"),
        ("/api/v1/streams/pump/comparison/what/ever", "/api/v1/streams"),
        ("/api/v1/models/m/versions/3/artifact", "/api/v1/models/{name}/versions"),
    ],
)
def test_the_labels_of_metrics_are_few(path: str, template: str) -> None:
    assert template_of(path) == template
