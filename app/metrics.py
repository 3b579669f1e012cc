"""Figures for Prometheus: what the server counts, and who may read it."""

from collections.abc import Iterator
from functools import partial
from ipaddress import ip_address
from typing import Any

from fastapi import APIRouter
from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from app import __version__, openapi
from app.answers import failure
from app.engine import Engine
from app.openapi import ErrorAnswer
from app.settings import Settings

router = APIRouter(tags=["server"])

PREFIX = "neural_playground"
LATENCY = (0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Metrics:
    """The figures of one server, in a registry of its own."""

    def __init__(self, engine: Engine) -> None:
        self.registry = CollectorRegistry()
        own: dict[str, Any] = {"namespace": PREFIX, "registry": self.registry}
        Gauge("info", "Always 1; its label says which version runs.", ["version"], **own).labels(
            __version__
        ).set(1)
        self.connections = Gauge(
            "connections", "Open WebSockets: of pages, and of viewers of notebooks.", ["kind"], **own
        )
        self.sessions = Gauge("sessions", "Networks that pages or programs hold.", **own)
        self.waiting = Gauge("waiting", "Pages that wait for a network.", **own)
        self.requests = Counter("http_requests", "Answers by the class of their status.", ["status"], **own)
        self.sent_bytes = Counter(
            "sent_bytes",
            "Bytes sent to pages as text and as binary messages, and of HTTP bodies.",
            ["kind"],
            **own,
        )
        self.frames_sent = Counter("frames_sent", "Frames sent to pages.", **own)
        self.frame_age = Histogram(
            "frame_age_seconds",
            "From a frame's arrival from the training process to the page's word that it is shown.",
            buckets=LATENCY,
            **own,
        )
        self.change_to_frame = Histogram(
            "change_to_frame_seconds",
            "From the arrival of a change of the network to the first frame that shows it.",
            buckets=LATENCY,
            **own,
        )
        self.errors = Counter(
            "errors",
            "What went wrong: errors told to pages by their code, failed requests (http), failed connections "
            "(connection).",
            ["kind"],
            **own,
        )
        for kind in ("page", "viewer"):
            self.connections.labels(kind)
        for kind in ("text", "binary", "http"):
            self.sent_bytes.labels(kind)
        for status in ("2xx", "3xx", "4xx", "5xx"):
            self.requests.labels(status)
        for kind in ("internal", "http", "connection"):
            self.errors.labels(kind)
        self.registry.register(_OfEngine(engine))
        # Of processes there are figures where there is /proc.
        ProcessCollector(namespace=f"{PREFIX}_web", registry=self.registry)


class _OfEngine(Collector):
    """What the engine counts, asked when it is read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        figures = self._engine.figures
        ready = GaugeMetricFamily(f"{PREFIX}_ready", "1 while networks can be trained, else 0.")
        ready.add_metric([], float(self._engine.status.state == "ready"))
        yield ready
        lanes = GaugeMetricFamily(
            f"{PREFIX}_lanes", "Networks in the training processes, by state.", labels=["state"]
        )
        for state, number in figures.lanes.items():
            lanes.add_metric([state], number)
        yield lanes
        yield SummaryMetricFamily(
            f"{PREFIX}_tick_seconds",
            "Ticks (calls of compiled programs that train) and how long they took.",
            figures.ticks,
            figures.tick_seconds,
        )
        yield CounterMetricFamily(f"{PREFIX}_steps", "Optimizer steps of all networks.", figures.steps)
        yield SummaryMetricFamily(
            f"{PREFIX}_frame_seconds",
            "Frames that were made and how long that took.",
            figures.frames,
            figures.frame_seconds,
        )
        programs = SummaryMetricFamily(
            f"{PREFIX}_program_seconds",
            "Training programs compiled ahead (compile), and traced and loaded or compiled by the training "
            "process (load), and how long that took.",
            labels=["how"],
        )
        for how, (number, seconds) in figures.programs.items():
            programs.add_metric([how], number, seconds)
        yield programs
        yield CounterMetricFamily(
            f"{PREFIX}_training_restarts",
            "Times that the training process was started again.",
            figures.restarts,
        )
        yield from _of_processes(figures.process_ids)


def _of_processes(process_ids: tuple[int, ...]) -> Iterator[Metric]:
    """The training processes' own figures, each labelled with its number."""
    families: dict[str, Metric] = {}
    for number, process_id in enumerate(process_ids, 1):
        of_one = ProcessCollector(namespace=f"{PREFIX}_training", pid=partial(int, process_id), registry=None)
        for metric in of_one.collect():
            family = families.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
            for sample in metric.samples:
                family.add_sample(sample.name, {**sample.labels, "process": str(number)}, sample.value)
    yield from families.values()


@router.get(
    "/metrics",
    responses={
        **openapi.file("The figures, in Prometheus's text format.", "text/plain"),
        403: {"model": ErrorAnswer, "description": "It was not asked on this machine, as is the default."},
        404: {"model": ErrorAnswer, "description": "They are turned off."},
    },
)
async def metrics(request: Request) -> Response:
    """Figures for Prometheus, for whom the setting `metrics` says."""
    settings: Settings = request.app.state.settings
    if settings.metrics == "off":
        return failure(404, "This server has no metrics.", "the setting metrics: loopback or any")
    if settings.metrics == "loopback" and not from_loopback(request):
        return failure(
            403, "Metrics are for this machine alone.", "a request from loopback, or the setting metrics: any"
        )
    found: Metrics = request.app.state.metrics
    found.sessions.set(len(request.app.state.sessions))
    found.waiting.set(request.app.state.sessions.waiting)
    return Response(
        generate_latest(found.registry),
        headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4, "Cache-Control": "no-store"},
    )


def from_loopback(request: Request) -> bool:
    """Whether it was asked on this machine. What a proxy here passes on comes from anywhere."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
