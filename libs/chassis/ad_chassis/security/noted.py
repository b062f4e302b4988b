"""What the check of a permission leaves for the audit log in the scope of a request."""

from typing import NamedTuple

from ad_chassis.security.principal import Principal

NOTED = "ad_chassis.noted"


class Noted(NamedTuple):
    principal: Principal
    permission: str
