"""The cache: one port, in this process or in Redis."""

from ad_chassis.cache.memory import MemoryCache
from ad_chassis.cache.port import Cache
from ad_chassis.cache.redis import RedisCache

__all__ = ["Cache", "MemoryCache", "RedisCache"]
