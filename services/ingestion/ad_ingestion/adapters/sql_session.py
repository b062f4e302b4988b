"""What all queries of one transaction share."""

from sqlalchemy.ext.asyncio import AsyncSession

from ad_chassis.database.outbox import Outbox
from ad_ingestion.adapters.events import EventWriter


class Queries:
    """Set by the transaction that mixes the queries in."""

    _session: AsyncSession
    _outbox: Outbox
    _events: EventWriter
    _read_only: bool
