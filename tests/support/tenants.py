"""What is known of tenants, as a test says it."""

from ad_chassis.tenants import Quotas


class FixedTenants:
    """Every tenant has the same quotas until a test changes them."""

    def __init__(self, **limits: int) -> None:
        self.limits = Quotas(**limits)
        self.shut_out: set[str] = set()

    def quotas(self, tenant: str) -> Quotas:
        return self.limits

    def suspended(self, tenant: str) -> bool:
        return tenant in self.shut_out
