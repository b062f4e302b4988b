"""What every service knows of a tenant: whether it is suspended, and its quotas."""

from ad_chassis.tenants.quotas import QuotaExceeded, Quotas, RateExceeded, check_quota
from ad_chassis.tenants.rates import RecordRates
from ad_chassis.tenants.view import TenantView

__all__ = ["QuotaExceeded", "Quotas", "RateExceeded", "RecordRates", "TenantView", "check_quota"]
