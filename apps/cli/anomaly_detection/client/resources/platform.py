"""All that a client can do."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from anomaly_detection.client.access_answers import Me
from anomaly_detection.client.answers import Detection
from anomaly_detection.client.calling import call
from anomaly_detection.client.effects import Steps
from anomaly_detection.client.operations import Driver, Resource, Way, one
from anomaly_detection.client.resources.access import ApiKeys, Roles, Users
from anomaly_detection.client.resources.anomalies import Anomalies, Episodes
from anomaly_detection.client.resources.audit import Audit
from anomaly_detection.client.resources.dead_letters import DeadLetters
from anomaly_detection.client.resources.jobs import Jobs, Replays
from anomaly_detection.client.resources.models import Deployments, Models
from anomaly_detection.client.resources.streams import Records, Streams
from anomaly_detection.client.resources.tenants import Tenants

if TYPE_CHECKING:
    from anomaly_detection.client.address import Address
    from anomaly_detection.client.signature import Signature


class Platform(Resource[Way]):
    """The groups of operations, and those that belong to none."""

    def __init__(self, driver: Driver, address: "Address", signature: "Signature") -> None:
        super().__init__(driver)
        self.address = address
        self.streams: Streams[Way] = Streams(driver)
        self.records: Records[Way] = Records(driver)
        self.anomalies: Anomalies[Way] = Anomalies(driver, address, signature)
        self.episodes: Episodes[Way] = Episodes(driver)
        self.models: Models[Way] = Models(driver)
        self.deployments: Deployments[Way] = Deployments(driver)
        self.jobs: Jobs[Way] = Jobs(driver)
        self.replays: Replays[Way] = Replays(driver)
        self.dead_letters: DeadLetters[Way] = DeadLetters(driver)
        self.users: Users[Way] = Users(driver)
        self.roles: Roles[Way] = Roles(driver)
        self.api_keys: ApiKeys[Way] = ApiKeys(driver)
        self.tenants: Tenants[Way] = Tenants(driver)
        self.audit: Audit[Way] = Audit(driver)

    @one
    def me(self) -> Steps[Me]:
        """Who calls, and what they may do."""
        return call("GET", "/auth/me")

    @one
    def detect(
        self,
        data: Iterable[Mapping[str, Any]],
        *,
        algorithm: str | None = None,
        model: str | None = None,
        contamination: float | None = None,
        parameters: Mapping[str, Any] | None = None,
        explain: bool | None = None,
    ) -> Steps[Detection]:
        """Scores up to 100,000 rows: by an `algorithm` that is trained on them, or by a `model`, name@version."""
        fields = {"algorithm": algorithm, "model": model, "contamination": contamination}
        chosen = {**fields, "parameters": parameters, "explain": explain}
        body = {name: value for name, value in chosen.items() if value is not None}
        # It changes nothing, so it is safe to send twice.
        return call("POST", "/detect", json={"data": list(data), **body}, safe=True)
