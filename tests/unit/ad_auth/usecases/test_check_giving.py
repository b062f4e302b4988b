"""Nobody gives more than they have."""

import pytest
import structlog

from ad_auth.usecases.check_giving import check_giving
from ad_chassis.errors import Forbidden
from ad_chassis.security.permissions import SCOPES
from tests.support.callers import caller


@pytest.mark.parametrize(
    ("by", "permissions", "streams"),
    [
        (caller(), SCOPES["admin"], None),
        (caller(["read"]), SCOPES["read"], ["pumps"]),
        (caller(["read"]), [], None),
        (caller(streams=["pumps", "mills"]), SCOPES["write"], ["pumps"]),
    ],
)
def test_what_one_has_can_be_given(by, permissions, streams) -> None:
    check_giving(by, permissions, streams)


@pytest.mark.parametrize(
    ("by", "permissions", "streams", "reason"),
    [
        (caller(["read", "admin"]), ["models:promote"], None, "do not have yourself: models:promote"),
        (caller(["read", "admin"]), SCOPES["write"], None, "do not have yourself: write"),
        (caller(streams=["pumps"]), SCOPES["read"], None, "yours are pumps"),
        (caller(streams=["pumps"]), SCOPES["read"], ["pumps", "mills"], "yours are pumps"),
        (caller(streams=[]), [], ["pumps"], "streams that you do not see"),
    ],
)
def test_what_one_does_not_have_is_refused_and_noted(by, permissions, streams, reason) -> None:
    with structlog.testing.capture_logs() as logs, pytest.raises(Forbidden, match=reason):
        check_giving(by, permissions, streams)
    assert [line["event"] for line in logs if line.get("security")] == ["escalation refused"]
