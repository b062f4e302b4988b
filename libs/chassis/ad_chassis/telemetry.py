"""Tracing: spans go to an OTLP endpoint when one is set; ids of traces pass through in any case."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Span, SpanKind, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from ad_chassis.settings import TelemetrySettings

_propagator = TraceContextTextMapPropagator()


class Telemetry:
    """The tracer of one process. Without an endpoint every span is a no-op."""

    def __init__(
        self, name: str, version: str, settings: TelemetrySettings, exporter: SpanExporter | None = None
    ) -> None:
        self._provider: TracerProvider | None = None
        if exporter is None and settings.otlp_endpoint:
            exporter = OTLPSpanExporter()
        if exporter is not None:
            self._provider = TracerProvider(
                resource=Resource.create({"service.name": name, "service.version": version})
            )
            self._provider.add_span_processor(BatchSpanProcessor(exporter))

    @property
    def enabled(self) -> bool:
        return self._provider is not None

    @property
    def tracer(self) -> Tracer:
        provider = self._provider or trace.NoOpTracerProvider()
        return provider.get_tracer("ad_chassis")

    def fastapi_config(self) -> TelemetryConfig:
        """What `FastAPI(telemetry=…)` takes: one server span per request and nothing else."""
        return {
            "tracing": self.enabled,
            "tracer_provider": self._provider,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
        }

    @contextmanager
    def span(
        self,
        name: str,
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        traceparent: str | None = None,
        attributes: Mapping[str, str | int | float | bool] | None = None,
    ) -> Iterator[Span]:
        """One span below the given parent or the current one; a batch has one, its records none."""
        if self._provider is None:
            yield trace.get_current_span()
            return
        context = extract_context({"traceparent": traceparent}) if traceparent else None
        with self.tracer.start_as_current_span(
            name, context=context, kind=kind, attributes=attributes
        ) as span:
            yield span

    def flush(self, timeout_seconds: float = 5.0) -> None:
        if self._provider is not None:
            self._provider.force_flush(int(timeout_seconds * 1000))

    def stop(self) -> None:
        if self._provider is not None:
            self._provider.shutdown()


def current_traceparent() -> str | None:
    """The header that continues the current trace elsewhere, where there is one."""
    if not trace.get_current_span().get_span_context().is_valid:
        return None
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


def extract_context(headers: Mapping[str, str]) -> Context:
    """The context that headers name; a malformed header counts as none."""
    return _propagator.extract(
        {name: headers[name] for name in ("traceparent", "tracestate") if name in headers}
    )


def request_context(headers: Mapping[bytes, bytes]) -> Context | None:
    """The context that a caller sent; None when it sent none, and where a server span has taken it over."""
    if b"traceparent" not in headers or trace.get_current_span().get_span_context().is_valid:
        return None
    return extract_context(
        {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
    )
