"""Public fakes for the tests of services. Each does what the real thing does, in memory or in a folder."""

from ad_chassis.testing.auth import FakeAuth
from ad_chassis.testing.platform import memory_platform, service_client

__all__ = ["FakeAuth", "memory_platform", "service_client"]
