"""Bodies and answers of auth."""

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, model_validator

from ad_auth.domain.accounts import PASSWORD_MAX, PASSWORD_MIN
from ad_auth.domain.roles import Role
from ad_chassis.http import Body
from ad_chassis.security import Permission

BEARER: Literal["Bearer"] = "Bearer"
Name = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9]{1,64}$")]
Password = Annotated[SecretStr, Field(min_length=PASSWORD_MIN, max_length=PASSWORD_MAX)]


class NewUser(Body):
    username: Name
    password: Password
    role: Role


class UserChange(Body):
    role: Role | None = None
    password: Password | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.role is None and self.password is None:
            raise ValueError("give a role, a password or both")
        return self


class NewKey(Body):
    name: Name
    role: Role
    expires_at: AwareDatetime | None = None


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class TokenAnswer(Answer):
    access_token: str
    token_type: Literal["Bearer"] = BEARER
    expires_in: int
    refresh_token: str | None = None
    scope: str
    tenant: str


class MeAnswer(Answer):
    subject: str
    kind: str
    name: str
    tenant: str
    permissions: list[Permission]


class UserAnswer(Answer):
    id: str
    username: str
    role: Role
    created_at: datetime
    updated_at: datetime


class UsersPage(Answer):
    items: list[UserAnswer]
    next_cursor: str | None


class KeyAnswer(Answer):
    id: str
    name: str
    role: Role
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class NewKeyAnswer(KeyAnswer):
    key: str = Field(description="The key itself; it is shown here and never again")


class KeysPage(Answer):
    items: list[KeyAnswer]
    next_cursor: str | None


class RoleAnswer(Answer):
    name: Role
    permissions: list[Permission]


class RolesPage(Answer):
    items: list[RoleAnswer]
    next_cursor: str | None = None
