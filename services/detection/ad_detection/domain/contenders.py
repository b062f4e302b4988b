"""By which rule and model the records of a replay are scored."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ad_data.schema import Field, StreamSchema
from ad_detection.domain.control import StreamKey, StreamRule, StreamSettings
from ad_detection.domain.replays import Configuration
from ad_detectors import catalog
from ad_detectors.errors import DetectorError
from ad_detectors.model import Model

ARRIVAL = "arrival"


class ConfigurationError(ValueError):
    """A configuration that contradicts itself or its stream; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Contender:
    """One configuration in the form in which the live path takes it."""

    rule: StreamRule
    models: Mapping[StreamKey, Model] = field(default_factory=dict)


def configured(rule: StreamRule, wanted: Configuration) -> StreamRule:
    """The rule of the stream with what the configuration says."""
    streaming = wanted.algorithm or wanted.parameters or wanted.alert_probability is not None
    if wanted.model is not None:
        if streaming:
            raise ConfigurationError(
                "model: it brings its algorithm and parameters with it; give `model` and perhaps `threshold`"
            )
        rule = replace(rule, model=wanted.model, version=wanted.version)
    elif streaming:
        rule = replace(rule, model=None, version=None, settings=_settings(rule.settings, wanted))
    if wanted.threshold is not None and rule.model is None:
        raise ConfigurationError(
            "threshold: a streaming detector has none of its own; give `alert_probability`"
        )
    return rule


def _settings(settings: StreamSettings, wanted: Configuration) -> StreamSettings:
    """Parameters of the stream's own detector are not those of another one."""
    same = wanted.algorithm in (None, settings.algorithm)
    probability = wanted.alert_probability
    found = replace(
        settings,
        algorithm=wanted.algorithm or settings.algorithm,
        parameters=(settings.parameters if same else {}) | wanted.parameters,
        alert_probability=settings.alert_probability if same and probability is None else probability,
    )
    try:
        catalog.create_streaming(found.algorithm, **found.streaming_parameters)
    except DetectorError as error:
        raise ConfigurationError(f"algorithm: {error}") from error
    return found


def with_model(rule: StreamRule, model: Model, wanted: Configuration) -> Contender:
    """A contender that a model scores, perhaps with another threshold."""
    missing = [name for name in model.feature_names if name not in rule.schema.features]
    if missing:
        have = ", ".join(rule.schema.features)
        raise ConfigurationError(
            f"model: {rule.model_version} needs {', '.join(missing)}; {rule.stream!r} has {have}"
        )
    if wanted.threshold is not None:
        model = replace(model, threshold=wanted.threshold)
    return Contender(rule, {rule.key: model})


def accepted_schema(schema: StreamSchema) -> StreamSchema:
    """Of records that were accepted already: each brings the time that it was given, and none is too old.

    A schema without a timestamp gets one, under a name that no field has.
    """
    if schema.timestamp is not None:
        return _replaced(schema, schema.fields, schema.timestamp)
    name = ARRIVAL
    while name in schema.names:
        name += "_"
    return _replaced(schema, (*schema.fields, Field(name, "timestamp")), name)


def _replaced(schema: StreamSchema, fields: tuple[Field, ...], timestamp: str) -> StreamSchema:
    return StreamSchema(
        fields=fields,
        entity=schema.entity,
        timestamp=timestamp,
        on_missing=schema.on_missing,
        on_extra=schema.on_extra,
    )
