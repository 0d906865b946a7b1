"""Traces by OpenTelemetry, to the collector an operator names; without one nothing is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

from amends.platform.environment.build import release
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.traces import Marks, install, span, tellable
from amends.platform.kit.translatable import Translatable

_COMPLAINTS = "desk/c/<str:ref>/"
"""How the addresses of complaints begin. Pages under a tracking code, and the interface, tell the
complaint they found (`kit.traces.tell`)."""


def start_tracing(process: str) -> Callable[[], None]:
    """Send the spans of this process (web, work) from now on; what is returned sends the rest."""
    if not settings.TRACES_URL:
        return lambda: None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("AMENDS_TRACES_URL needs OpenTelemetry: pip install 'amends[traces]'.")
            )
        ) from error

    about = {"service.name": "amends", "service.version": release()}
    provider = TracerProvider(
        # Named outright: what the environment or the machine would add is nobody's business.
        resource=Resource({**about, "amends.process": process}),
        shutdown_on_exit=True,
    )
    exporter = OTLPSpanExporter(endpoint=settings.TRACES_URL, timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("amends", release())

    @contextmanager
    def take(name: str, marks: Marks) -> Iterator[Callable[[Marks], None]]:
        # An exception's words may quote somebody: its kind is told, and no more.
        with tracer.start_as_current_span(
            name, attributes=_named(marks), record_exception=False, set_status_on_exception=False
        ) as current_span:
            try:
                yield lambda later: current_span.set_attributes(_named(later))
            except BaseException as error:
                current_span.set_attributes(_named(tellable({"error": type(error).__name__})))
                raise

    install(take)
    return provider.shutdown


def _named(marks: Marks) -> dict[str, str]:
    return {f"amends.{name}": value for name, value in marks.items()}


class Traced:
    """One span a request: its pattern, not its address, and the complaint it was about."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with span("request", method=request.method or "") as mark:
            response = self.get_response(request)
            match = request.resolver_match
            mark({"status": str(response.status_code)})
            if match is not None:
                mark({"route": match.route})
                # Orders, cases, issues and partners have a `ref` in their addresses too.
                if match.route.startswith(_COMPLAINTS):
                    mark({"complaint": str(match.kwargs["ref"])})
        return response
