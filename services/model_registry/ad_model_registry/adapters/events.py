"""Events of the registry as messages of the log."""

from datetime import datetime

from ad_chassis.eventlog.port import Message
from ad_contracts.codec import CONTENT_TYPE, Codec
from ad_contracts.events import ChallengerVersion, DeploymentChanged, Event, ModelVersionRegistered
from ad_contracts.headers import cloud_event
from ad_contracts.topics import topic
from ad_model_registry.domain.models import Deployed, Deployment, ModelVersion

SOURCE = "model_registry"


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _challenger(deployed: Deployed) -> ChallengerVersion:
    return {
        "model": deployed.model,
        "version": deployed.version,
        "artifact_sha256": deployed.artifact_sha256,
    }


class EventWriter:
    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def version_registered(self, version: ModelVersion) -> Message:
        event = ModelVersionRegistered(
            tenant=version.tenant,
            model=version.model,
            version=version.version,
            algorithm=version.algorithm,
            artifact_sha256=version.artifact_sha256,
            size_bytes=version.size_bytes,
            features=list(version.features),
            data_sha256=version.data_sha256,
            metrics=version.metrics,
            registered_by=version.registered_by,
            job_id=version.job_id,
            registered_time_ms=milliseconds(version.registered_at),
        )
        return self._message(
            "models", f"{version.tenant}/{version.reference}", event, event.registered_time_ms
        )

    def deployment_changed(self, deployment: Deployment) -> Message:
        champion = deployment.champion
        time_ms = milliseconds(deployment.changed_at) if deployment.changed_at else 0
        event = DeploymentChanged(
            tenant=deployment.tenant,
            stream=deployment.stream,
            revision=deployment.revision,
            model=champion.model if champion else None,
            version=champion.version if champion else None,
            artifact_sha256=champion.artifact_sha256 if champion else None,
            previous_version=deployment.previous.reference if deployment.previous else None,
            changed_by=deployment.changed_by,
            changed_time_ms=time_ms,
            challengers=[_challenger(each) for each in deployment.challengers],
        )
        return self._message("deployments", f"{deployment.tenant}/{deployment.stream}", event, time_ms)

    @staticmethod
    def deployment_gone(tenant: str, stream: str) -> Message:
        """Compaction forgets the name with it."""
        return Message(topic("deployments"), None, key=f"{tenant}/{stream}".encode())

    def _message(self, name: str, key: str, event: Event, time_ms: int) -> Message:
        event_id = f"{key}#{getattr(event, 'revision', '')}"
        headers = cloud_event(event.schema, SOURCE, event_id, time_ms, CONTENT_TYPE)
        return Message(topic(name), self._codec.encode(event), key=key.encode(), headers=headers)
