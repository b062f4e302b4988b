"""The tables of a small service, with migrations, for the tests of the database."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import ForeignKey, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from ad_chassis.database import JsonDocument, UtcDateTime, new_metadata

MIGRATIONS = "tests.support.shop.migrations"


class Base(DeclarativeBase):
    metadata = new_metadata()

    @classmethod
    def table(cls) -> Table:
        return cast("Table", cls.__table__)


class Item(Base):
    __tablename__ = "items"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    amount: Mapped[int]
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime())
    document: Mapped[dict[str, Any] | None] = mapped_column(JsonDocument)


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(ForeignKey("items.name"))
    text: Mapped[str] = mapped_column(String(200))
