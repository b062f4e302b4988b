"""Settings of ingestion."""

from pydantic import Field

from ad_chassis.settings import Block


class IngestionSettings(Block):
    max_rows: int = Field(default=500_000, ge=1, validation_alias="INGESTION_MAX_ROWS")
    """Records of one body."""
    max_inflated_bytes: int = Field(
        default=256 * 2**20, ge=1, validation_alias="INGESTION_MAX_INFLATED_BYTES"
    )
    """Of a body that came with Content-Encoding: gzip."""
    publish_seconds: float = Field(default=20.0, gt=0, validation_alias="INGESTION_PUBLISH_SECONDS")
    """How long the log may take; a batch that it did not take is published later."""
    compact_every_seconds: float = Field(
        default=30.0, gt=0, validation_alias="INGESTION_COMPACT_EVERY_SECONDS"
    )
    keep_replaced_seconds: float = Field(
        default=900.0, ge=0, validation_alias="INGESTION_KEEP_REPLACED_SECONDS"
    )
    """How long small files of the lake stay after they were joined, for those who are still reading them."""
    keep_dead_letters_days: float = Field(
        default=14.0, gt=0, validation_alias="INGESTION_KEEP_DEAD_LETTERS_DAYS"
    )
    """As long as the topic of dead letters keeps them unless told otherwise."""
