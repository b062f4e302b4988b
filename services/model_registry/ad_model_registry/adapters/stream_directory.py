"""What the registry asks the ingestion service about streams."""

from ad_chassis.http import ServiceClient

NUMERIC = {"float", "integer"}


class HttpStreamDirectory:
    def __init__(self, ingestion: ServiceClient) -> None:
        self._ingestion = ingestion

    async def features(self, tenant: str, stream: str) -> frozenset[str] | None:
        answer = await self._ingestion.get(f"/api/v1/streams/{stream}", tenant=tenant)
        schema = answer.json()["schema"]
        if schema is None:
            return None
        fields = (field for field in schema["fields"] if field["name"] != schema["entity"])
        return frozenset(field["name"] for field in fields if field["type"] in NUMERIC)
