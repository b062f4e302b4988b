"""What is no row is kept apart by its name: topics, objects, keys of the cache, labels of metrics.

Whoever adds one enters it here, and says how it tells tenants apart or why it need not.
"""

import re

from ad_chassis.metrics import Metrics
from ad_contracts.topics import TOPICS
from ad_detection.adapters import object_findings
from ad_gateway.adapters.feed_metrics import FeedMetrics
from ad_ingestion.domain.lake import lake_key
from ad_model_registry.usecases.register_version import artifact_key
from ad_training.adapters import object_uploads
from tests.architecture import project

SHARED_TOPICS = {
    "streams",
    "deployments",
    "models",
    "training.requests",
    "training.events",
    "tenants",
    "audit",
}
"""Read by services alone; each message names its tenant, in its key too."""
OBJECTS = {
    "ad_ingestion/usecases/accept_records.py": "lake/<tenant>/",
    "ad_ingestion/usecases/compact_lake.py": "lake/<tenant>/",
    "ad_model_registry/usecases/register_version.py": "artifacts/<tenant>/",
    "ad_training/usecases/submit_job.py": "training/<tenant>/",
    "ad_training/adapters/object_uploads.py": "training/<tenant>/",
    "ad_detection/adapters/object_findings.py": "replays/<tenant>/",
    "ad_detection/usecases/run_replay.py": "replays/<tenant>/",
    "ad_detection/usecases/keep_snapshots.py": "snapshots/<group>/<topic>/, and a topic belongs to one tenant",
    "ad_detection/usecases/score_partition.py": "snapshots/<group>/<topic>/, and a topic belongs to one tenant",
}
CACHED = {
    "ad_chassis/tenants/rates.py": "the tenant stands in the key",
    "ad_chassis/security/revocations.py": "ids of tokens, which are random and never used twice",
    "ad_auth/adapters/cached_revocations.py": "ids of tokens, which are random and never used twice",
    "ad_auth/adapters/cached_attempts.py": "a digest of tenant and name",
    "ad_auth/adapters/cached_devices.py": "digests of random codes; the tenant stands in what was decided",
    "ad_auth/adapters/cached_pending_logins.py": "random states of logins, before a tenant is known",
    "ad_gateway/adapters/keyed_answers.py": "a digest with the caller, who belongs to one tenant",
    "ad_gateway/adapters/shared_limits.py": "an address, a caller or a tenant: counts alone, no data",
    "ad_gateway/adapters/tickets.py": "a digest of a random ticket, which is also the key to what it holds",
}
BY_TENANT = {"tenant", "topic"}
"""Topics of data are named after their tenant."""
OF_ALL = {
    "anomaly_detection_requests": "what the platform answers, by route",
    "anomaly_detection_request_duration_seconds": "what the platform answers, by route",
    "anomaly_detection_model_accuracy": "a promised name; no service sets it",
    "anomaly_detection_state_resident_bytes": "memory of a worker",
    "anomaly_detection_state_spilled_bytes": "memory of a worker",
    "anomaly_detection_entities_spilled": "memory of a worker",
    "anomaly_detection_entities_returned": "memory of a worker",
    "anomaly_detection_feed_closed": "codes with which sockets end, some before a tenant is known",
}


def users_of(pattern: str) -> set[str]:
    """Modules of services and the chassis, but those that are the cache or the store."""
    found = re.compile(pattern)
    inside = [path for path in project.every_module() if "anomaly_detection" not in path.parts]
    names = {"/".join(path.parts[-3:]): path for path in inside}
    return {
        name
        for name, path in names.items()
        if found.search(path.read_text()) and "/cache/" not in name and "/objects/" not in name
    }


def test_topics_are_named_after_their_tenant_or_shared_on_purpose() -> None:
    assert {name for name, spec in TOPICS.items() if not spec.per_tenant} == SHARED_TOPICS
    for name in SHARED_TOPICS:
        assert TOPICS[name].key.split("/")[0] == "tenant", name


def test_who_stores_objects_says_below_which_tenant() -> None:
    writers = users_of(r"\b_?(objects|lake|artifacts|uploads|store|snapshots)\.put\(")
    assert writers == OBJECTS.keys()
    keys = [
        lake_key("acme", "s", "b", 0),
        artifact_key("acme", "m", "0" * 64),
        object_uploads._key("acme", "j"),
        object_findings._key("acme", "r", "candidate", 0),
    ]
    assert [key.split("/")[1] for key in keys] == ["acme"] * 4


def test_who_keeps_something_in_the_cache_says_how_tenants_are_told_apart() -> None:
    assert users_of(r"\b_?(cache|alone)\.(get|set|add|take|delete|increment|pour)\(") == CACHED.keys()


def test_metrics_of_a_tenants_things_name_the_tenant() -> None:
    metrics = Metrics("detection")
    FeedMetrics(metrics.registry)
    labels = {
        each._name: set(each._labelnames)
        for each in metrics.registry._collector_to_names
        if hasattr(each, "_labelnames")
    }
    assert len(labels) > len(OF_ALL)
    assert {name for name, found in labels.items() if not found & BY_TENANT} == OF_ALL.keys()
