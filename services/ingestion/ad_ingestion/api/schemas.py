"""Bodies and answers of ingestion."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from ad_chassis.errors import Unprocessable
from ad_chassis.http import Body
from ad_data.errors import SchemaError
from ad_data.schema import Field as StreamField
from ad_data.schema import StreamSchema
from ad_ingestion.domain.batches import Receipt
from ad_ingestion.domain.streams import Hints, Stream

OnMissing = Literal["missing", "reject"]
OnExtra = Literal["ignore", "reject"]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
FieldName = Annotated[str, Field(min_length=1, max_length=255)]


class FieldBody(Body):
    name: FieldName
    type: Literal["float", "integer", "boolean", "string", "timestamp"] = "float"
    required: bool = True


class SchemaBody(Body):
    fields: Annotated[list[FieldBody], Field(min_length=1, max_length=1000)]
    entity: FieldName | None = None
    timestamp: FieldName | None = None
    on_missing: OnMissing = "missing"
    on_extra: OnExtra = "ignore"
    max_age_seconds: Seconds | None = None
    max_future_seconds: Seconds | None = None

    def domain(self) -> StreamSchema:
        parts = {name: getattr(self, name) for name in type(self).model_fields if name != "fields"}
        fields = tuple(StreamField(each.name, each.type, each.required) for each in self.fields)
        try:
            return StreamSchema(fields=fields, **parts)
        except SchemaError as error:
            raise Unprocessable(
                f"schema.{error}", errors=[{"field": "schema", "message": str(error)}]
            ) from error


class SettingsBody(Body):
    publish_scores: bool = Field(default=False, description="keep every score, not only those of anomalies")
    algorithm: str = Field(
        default="adaptive",
        max_length=64,
        description="the streaming detector that scores while no model is promoted",
    )
    parameters: dict[str, float | int | bool | str] = Field(
        default_factory=dict,
        max_length=32,
        description="of the streaming detector",
        examples=[{"size": "light"}],
    )
    alert_probability: Annotated[float, Field(gt=0, lt=1)] | None = Field(
        default=None, description="of the streaming detector: below it a record can be an anomaly"
    )
    max_entities: int = Field(
        default=1_000_000,
        ge=1,
        le=100_000_000,
        description="entities that the streaming detector knows at a time, per partition; "
        "beyond it the least recently used are forgotten; "
        "of a new stream that does not name it, it is less where the quota of entities gives it a smaller share",
    )
    allowed_lateness_seconds: Seconds | None = Field(
        default=None,
        description="how much older a record may be than one before it; what is older still is rejected; "
        "null takes all and calls none late",
    )
    silence_seconds: Annotated[float, Field(ge=1, le=31_536_000)] | None = Field(
        default=None, description="an entity that sends nothing for longer is an anomaly; null never is"
    )


class StreamRules(Body):
    """Rules for odd records, beside a schema that is inferred."""

    on_missing: OnMissing = "missing"
    on_extra: OnExtra = "ignore"
    max_age_seconds: Seconds | None = None
    max_future_seconds: Seconds | None = None

    def given(self) -> dict[str, Any]:
        return {
            name: getattr(self, name) for name in StreamRules.model_fields if name in self.model_fields_set
        }


class NewStream(StreamRules):
    model_config = ConfigDict(populate_by_name=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
    fixed: SchemaBody | None = Field(default=None, alias="schema")
    entity: FieldName | None = None
    timestamp: FieldName | None = None
    settings: SettingsBody = SettingsBody()
    topic: Annotated[str, Field(min_length=1, max_length=249)] | None = None

    def hints(self) -> Hints:
        """Only for a schema that is inferred; a given one says these things itself."""
        named = {name: getattr(self, name) for name in ("entity", "timestamp") if getattr(self, name)}
        found = self.given() | named
        if self.fixed is not None and found:
            name = min(found)
            message = "belongs into the schema, since one is given"
            raise Unprocessable(f"{name}: {message}", errors=[{"field": name, "message": message}])
        return Hints(**found)


class StreamChange(StreamRules):
    model_config = ConfigDict(populate_by_name=True)

    settings: SettingsBody | None = None
    fixed: SchemaBody | None = Field(default=None, alias="schema")

    def changed_settings(self) -> dict[str, Any]:
        return self.settings.model_dump(exclude_unset=True) if self.settings else {}


class CountsAnswer(BaseModel):
    accepted: int
    rejected: int


class StreamAnswer(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    name: str
    fixed: SchemaBody | None = Field(
        serialization_alias="schema",
        validation_alias="schema",
        description="null until it is given or the first records fix it",
    )
    entity: str | None = Field(
        description="field that tells the entities apart; null where none was named, and none will be found"
    )
    timestamp: str | None = Field(
        description="field with the time of a record; null before the first records when they shall show it, "
        "afterwards when there is none and the time of arrival counts"
    )
    settings: SettingsBody
    topic: str
    revision: int
    generation: int = Field(description="one more when the name of a deleted stream is used again")
    created_at: datetime
    changed_at: datetime
    counts: CountsAnswer

    @classmethod
    def of(cls, stream: Stream) -> Self:
        return cls(
            name=stream.name,
            fixed=_schema_answer(stream.schema),
            entity=(stream.schema or stream.hints).entity,
            timestamp=(stream.schema or stream.hints).timestamp,
            settings=SettingsBody(**asdict(stream.settings)),
            topic=stream.topic,
            revision=stream.revision,
            generation=stream.generation,
            created_at=stream.created_at,
            changed_at=stream.changed_at,
            counts=CountsAnswer(accepted=stream.accepted, rejected=stream.rejected),
        )


class StreamsPage(BaseModel):
    items: list[StreamAnswer]
    next_cursor: str | None


class RejectionAnswer(BaseModel):
    row: int
    field: str | None
    reason: str


class ReceiptAnswer(BaseModel):
    """A record's id is `<batch_id>/<row>`; `rejections` are the first hundred."""

    batch_id: str
    accepted: int
    rejected: int
    rejections: list[RejectionAnswer]

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        rejections = [RejectionAnswer(**each) for each in receipt.rejections]
        return cls(
            batch_id=receipt.batch_id,
            accepted=receipt.accepted,
            rejected=receipt.rejected,
            rejections=rejections,
        )


def _schema_answer(schema: StreamSchema | None) -> SchemaBody | None:
    if schema is None:
        return None
    parts = {name: getattr(schema, name) for name in SchemaBody.model_fields if name != "fields"}
    fields = [FieldBody(name=each.name, type=each.type, required=each.required) for each in schema.fields]
    return SchemaBody(fields=fields, **parts)
