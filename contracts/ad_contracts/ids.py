"""Ids that are the same however often a record is handled."""

from uuid import UUID, uuid5

NAMESPACE = UUID("6f1f0f0e-7d0c-5c5e-9d3f-0a3f6b7a9b51")


def anomaly_id(
    tenant: str, stream: str, partition: int, offset: int, row: int, model_version: str | None
) -> str:
    """The id of the anomaly that one record is to one version of a model (None: the streaming detector)."""
    return str(uuid5(NAMESPACE, f"{tenant}/{stream}/{partition}/{offset}/{row}/{model_version}"))


def silence_id(tenant: str, stream: str, entity: str | None, since_ms: int) -> str:
    """The id of the anomaly that nothing came of an entity since that moment of the stream's time."""
    return str(uuid5(NAMESPACE, f"{tenant}/{stream}/silence/{since_ms}/{entity}"))


def correction_id(name: str, replay: str, configuration: str) -> str:
    """The id that an anomaly gets in a publication when its own says something else already."""
    return str(uuid5(NAMESPACE, f"{name}/{replay}/{configuration}"))


def retraction_id(superseded: str, replay: str, configuration: str) -> str:
    """The id of the event that a stored anomaly is none by a configuration of a replay."""
    return str(uuid5(NAMESPACE, f"{superseded}/{replay}/{configuration}/retracted"))


def record_id(
    topic: str, partition: int, offset: int, row: int, ce_id: str | None = None, batch_id: str | None = None
) -> str:
    """`<batch_id>/<row of the body>`, else `<ce_id>/<row>`, else where the record stands."""
    return f"{record_id_prefix(topic, partition, offset, ce_id, batch_id)}/{row}"


def record_id_prefix(
    topic: str, partition: int, offset: int, ce_id: str | None = None, batch_id: str | None = None
) -> str:
    """What the ids of all rows of one message begin with."""
    return batch_id or ce_id or f"{topic}/{partition}/{offset}"
