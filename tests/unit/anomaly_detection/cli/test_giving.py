"""What commands that give rights share."""

import pytest

from anomaly_detection.cli.giving import binding_of, rights_of
from anomaly_detection.errors import CliError


def test_streams_bind_all_streams_free_and_nothing_leaves_it() -> None:
    assert binding_of(["a", "b"]) == {"streams": ["a", "b"]}
    assert binding_of(None, all_streams=True) == {"streams": None}
    assert binding_of(None) == {}
    with pytest.raises(CliError, match="give one of them"):
        binding_of(["a"], all_streams=True)


def test_a_key_has_a_role_or_permissions() -> None:
    assert rights_of("viewer", None, needed=True) == {"role": "viewer"}
    assert rights_of(None, ["read"], needed=True) == {"permissions": ["read"]}
    assert rights_of(None, None, needed=False) == {}
    for role, allow, needed in ((None, None, True), ("viewer", ["read"], False)):
        with pytest.raises(CliError, match="--role"):
            rights_of(role, allow, needed=needed)
