"""Settings of training."""

from pydantic import Field

from ad_chassis.settings import Block


class TrainingSettings(Block):
    group: str = Field(default="training", validation_alias="TRAINING_GROUP")
    max_jobs: int = Field(default=2, ge=1, validation_alias="TRAINING_MAX_JOBS")
    """How many jobs this process runs at once; the others wait in order."""
    max_data_bytes: int = Field(default=2**30, ge=1, validation_alias="TRAINING_MAX_DATA_BYTES")
    time_limit_seconds: float = Field(default=3600.0, gt=0, validation_alias="TRAINING_TIME_LIMIT_SECONDS")
    """What a job gets that names no limit; `max_…` is the most that it can ask for."""
    max_time_limit_seconds: float = Field(
        default=86_400.0, gt=0, validation_alias="TRAINING_MAX_TIME_LIMIT_SECONDS"
    )
    memory_limit_mb: int = Field(default=2048, ge=1, validation_alias="TRAINING_MEMORY_LIMIT_MB")
    max_memory_limit_mb: int = Field(default=65_536, ge=1, validation_alias="TRAINING_MAX_MEMORY_LIMIT_MB")
    lease_seconds: float = Field(default=15.0, gt=0, validation_alias="TRAINING_LEASE_SECONDS")
    """A job whose process gave no sign for so long is taken to be abandoned."""
    poll_seconds: float = Field(default=1.0, gt=0, validation_alias="TRAINING_POLL_SECONDS")
    """How often the queue is looked at for jobs that another process accepted."""
