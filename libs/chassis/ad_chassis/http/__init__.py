"""HTTP: the application factory with its problems, and the client of other services."""

from ad_chassis.http.app import create_app
from ad_chassis.http.body import Body
from ad_chassis.http.client import ServiceClient

__all__ = ["Body", "ServiceClient", "create_app"]
