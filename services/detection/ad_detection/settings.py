"""Settings of detection."""

from pydantic import Field

from ad_chassis.eventlog.port import Delivery
from ad_chassis.settings import Block


class DetectionSettings(Block):
    group: str = Field(default="detection", validation_alias="DETECTION_GROUP")
    """The consumer group; a second one scores everything a second time, beside the first."""
    delivery: Delivery = Field(default="exactly_once", validation_alias="DETECTION_DELIVERY")
    """`at_least_once` tells of an anomaly sooner; after a crash it may be told again, under the same id."""
    max_poll_records: int = Field(default=5_000, ge=1, validation_alias="DETECTION_MAX_POLL_RECORDS")
    snapshot_every_records: int = Field(
        default=50_000, ge=1, validation_alias="DETECTION_SNAPSHOT_EVERY_RECORDS"
    )
    """From one snapshot to the next, per partition, or four for each entity that changed: a restart replays as many."""
    memory_mb: int | None = Field(default=None, ge=1, validation_alias="DETECTION_MEMORY_MB")
    """Megabytes that the process keeps within; what is learnt of entities and was not used lately goes to files."""
    cached_models: int = Field(default=64, ge=1, validation_alias="DETECTION_CACHED_MODELS")
    replay_max_rows: int = Field(default=100_000_000, ge=1, validation_alias="DETECTION_REPLAY_MAX_ROWS")
    """The most records that one replay scores; a day of 1,000 records/s has 86,400,000."""
