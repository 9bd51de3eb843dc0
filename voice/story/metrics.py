"""What Prometheus can ask: counters kept as things happen, gauges read when asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from sip.quality import Quality

Reading = tuple[str, str, float]
"""Name without prefix, help, value."""
TrunkReading = tuple[str, str, str, float]
"""The same, with the name of a trunk before the value."""


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.calls = Counter("strowger_calls", "Calls that ended", ("direction", "status"), registry=self._registry)
        self.refused = Counter("strowger_calls_refused", "INVITEs not taken on", ("status",), registry=self._registry)
        self.alerts = Counter(
            "strowger_alerts",
            "What somebody should look at: guessing, fraud, limits",
            ("kind",),
            registry=self._registry,
        )
        self.reports = Counter("strowger_reports", "Errors and warnings of calls", ("level", "code"), registry=self._registry)
        self.detections = Counter(
            "strowger_machine_detections", "Answers that were examined", ("answered_by",), registry=self._registry
        )
        self.recognitions = Counter(
            "strowger_recognitions", "Utterances of callers", ("recognizer", "outcome"), registry=self._registry
        )
        self.loss = Histogram(
            "strowger_audio_loss",
            "Part of a leg's packets that were not heard",
            buckets=(0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
            registry=self._registry,
        )
        self.jitter = Histogram(
            "strowger_audio_jitter_seconds",
            "Mean jitter of a leg's packets",
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2),
            registry=self._registry,
        )
        self.mos = Histogram(
            "strowger_audio_mos",
            "Estimated opinion of a leg's audio, 1 to 4.4; 0 when nothing was heard",
            buckets=(0.5, 2, 2.5, 3, 3.5, 4, 4.2, 4.4),
            registry=self._registry,
        )
        self.webhook_seconds = Histogram(
            "strowger_webhook_seconds",
            "Time of one document request, retries included",
            ("outcome",),
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15),
            registry=self._registry,
        )

    def alert(self, kind: str) -> None:
        """Count a case of a kind."""
        self.alerts.labels(kind=kind).inc()

    def rate(self, quality: Quality) -> None:
        """Count what the audio of a leg was like."""
        self.loss.observe(quality.loss)
        self.jitter.observe(quality.jitter_ms / 1000)
        self.mos.observe(quality.mos)

    def watch(self, read: Callable[[], Iterable[Reading]]) -> None:
        """Ask ``read`` for gauges at each scrape."""
        self._registry.register(_Gauges(read))

    def watch_trunks(self, read: Callable[[], Iterable[TrunkReading]]) -> None:
        """Ask ``read`` for the gauges of each trunk at each scrape."""
        self._registry.register(_TrunkGauges(read))

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class _Gauges:
    def __init__(self, read: Callable[[], Iterable[Reading]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        for name, documentation, value in self._read():
            yield GaugeMetricFamily("strowger_" + name, documentation, value=value)


class _TrunkGauges:
    def __init__(self, read: Callable[[], Iterable[TrunkReading]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for name, documentation, trunk, value in self._read():
            if name not in families:
                families[name] = GaugeMetricFamily("strowger_" + name, documentation, labels=("trunk",))
            families[name].add_metric((trunk,), value)
        return families.values()
