"""The base of every request body."""

from pydantic import BaseModel, ConfigDict


class Body(BaseModel):
    """Frozen, and an unknown field is an error: a misspelt name must not pass in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)
