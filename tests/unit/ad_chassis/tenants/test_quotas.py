import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ad_chassis.errors import Forbidden, TooManyRequests
from ad_chassis.http.problems import install_problems
from ad_chassis.tenants import QuotaExceeded, Quotas, RateExceeded, check_quota
from ad_chassis.tenants.quotas import EXCEEDED


def test_a_tenant_has_its_own_quotas_and_the_defaults_for_the_others() -> None:
    defaults = Quotas(streams=5, jobs=2)
    assert defaults.over({"streams": 9, "of_a_later_version": 1}) == Quotas(streams=9, jobs=2)


def test_what_reaches_the_limit_fits_and_one_more_does_not() -> None:
    check_quota("streams", None, 10**9, "wait")
    check_quota("streams", 3, 2, "wait")
    with pytest.raises(
        QuotaExceeded, match="the quota 'streams' of your tenant is 3, and 3 are in use; wait"
    ):
        check_quota("streams", 3, 3, "wait")


def test_the_problem_names_the_quota_the_limit_and_the_use() -> None:
    app = FastAPI()
    install_problems(app)

    @app.get("/count")
    def count() -> None:
        raise QuotaExceeded("storage_bytes", 1000, 990, "delete something")

    @app.get("/rate")
    def rate() -> None:
        raise RateExceeded("records_per_second", 100, 130, 2.2)

    client = TestClient(app)
    full = client.get("/count")
    assert (full.status_code, full.json()["type"]) == (403, EXCEEDED)
    assert {name: full.json()[name] for name in ("quota", "limit", "use")} == {
        "quota": "storage_bytes",
        "limit": 1000,
        "use": 990,
    }
    fast = client.get("/rate")
    assert (fast.status_code, fast.headers["Retry-After"], fast.json()["type"]) == (429, "3", EXCEEDED)
    assert (fast.json()["limit"], fast.json()["use"]) == (100, 130)
    assert issubclass(QuotaExceeded, Forbidden)
    assert issubclass(RateExceeded, TooManyRequests)
