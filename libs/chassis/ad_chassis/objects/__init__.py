"""Objects: artifacts, snapshots and the record lake, in a folder or in a cloud's store."""

from ad_chassis.objects.store import ObjectInfo, ObjectNotFound, ObjectStore

__all__ = ["ObjectInfo", "ObjectNotFound", "ObjectStore"]
