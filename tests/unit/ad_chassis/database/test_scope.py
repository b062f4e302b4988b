from ad_chassis.database import EVERY_TENANT
from ad_chassis.database.scope import SEEING, SEEING_AS, entering


def test_a_tenant_is_told_by_its_name() -> None:
    assert entering("acme", None) == (SEEING, {"tenant": "acme", "every": "off"})


def test_every_tenant_is_no_name() -> None:
    assert entering(EVERY_TENANT, None) == (SEEING, {"tenant": "", "every": "on"})
    assert entering("EVERY_TENANT", None) == (SEEING, {"tenant": "EVERY_TENANT", "every": "off"})


def test_a_limited_role_is_taken_in_the_same_statement() -> None:
    assert entering("acme", "ad_shop_rows") == (
        SEEING_AS,
        {"tenant": "acme", "every": "off", "role": "ad_shop_rows"},
    )
