"""What Prometheus can ask: counters kept as things happen, readings taken when asked.

Names follow its rules (https://prometheus.io/docs/practices/naming/): ``strowger_``, then what is counted, then the unit, and
``_total`` for what only grows. No label has a value for each call, number or address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from sip.quality import Quality

disable_created_metrics()  # type: ignore[no-untyped-call]  # They would be a second series for each, with a name of another meaning.

PREFIX = "strowger_"
GROWS = "_total"
Reading = tuple[str, str, float]
"""Name without prefix, help, value. One that ends in ``_total`` only ever grows."""
TrunkReading = tuple[str, str, str, float]
"""The same, with the name of a trunk before the value."""


class AudioMetrics:
    """How audio is distributed over legs; ``of`` tells whose audio that is."""

    def __init__(self, name: str, of: str, registry: CollectorRegistry) -> None:
        self._loss = Histogram(
            f"{PREFIX}{name}_loss_ratio",
            f"Part of the packets that were not heard, {of}",
            buckets=(0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
            registry=registry,
        )
        self._jitter = Histogram(
            f"{PREFIX}{name}_jitter_seconds",
            f"Jitter of the packets, {of}",
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2),
            registry=registry,
        )
        self._round_trip = Histogram(
            f"{PREFIX}{name}_round_trip_seconds",
            f"Time to the far end and back where that tells it by RTCP, {of}",
            buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6),
            registry=registry,
        )
        self._mos = Histogram(
            f"{PREFIX}{name}_mos",
            f"Estimated opinion of the audio, 1 to 4.4, and 0 when nothing was heard, {of}",
            buckets=(0.5, 2, 2.5, 3, 3.5, 4, 4.2, 4.4),
            registry=registry,
        )

    def observe(self, quality: Quality) -> None:
        """Count the audio of one leg."""
        self._loss.observe(quality.loss)
        self._jitter.observe(quality.jitter_ms / 1000)
        if quality.round_trip_ms:
            self._round_trip.observe(quality.round_trip_ms / 1000)
        self._mos.observe(quality.mos)


class Metrics:
    """The counters of one server."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._watched: list[Callable[[], Iterable[Reading]]] = []
        self.calls = Counter(f"{PREFIX}calls", "Calls that ended", ("direction", "status"), registry=registry)
        self.refused = Counter(f"{PREFIX}calls_refused", "INVITEs not taken on", ("status",), registry=registry)
        self.alerts = Counter(
            f"{PREFIX}alerts", "What somebody should look at: guessing, fraud, limits", ("kind",), registry=registry
        )
        self.reports = Counter(f"{PREFIX}reports", "Errors and warnings of calls", ("level", "code"), registry=registry)
        self.detections = Counter(
            f"{PREFIX}machine_detections", "Answers that were examined", ("answered_by",), registry=registry
        )
        self.recognitions = Counter(
            f"{PREFIX}recognitions", "Utterances of callers", ("recognizer", "outcome"), registry=registry
        )
        self.audio = AudioMetrics("audio", "of a leg from its answer to its end", registry)
        self.live_audio = AudioMetrics("live_audio", "of a live leg between two looks at it, ten seconds apart", registry)
        self.webhook_seconds = Histogram(
            f"{PREFIX}webhook_seconds",
            "Time of one document request, retries included",
            ("outcome",),
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15),
            registry=registry,
        )

    def alert(self, kind: str) -> None:
        """Count a case of a kind."""
        self.alerts.labels(kind=kind).inc()

    def watch(self, read: Callable[[], Iterable[Reading]]) -> None:
        """Ask ``read`` for values at each scrape."""
        self._watched.append(read)
        self._registry.register(_Readings(lambda: ((name, told, (), value) for name, told, value in read())))

    def readings(self) -> Iterator[Reading]:
        """The values of all that is watched, as they are now."""
        for read in self._watched:
            yield from read()

    def watch_trunks(self, read: Callable[[], Iterable[TrunkReading]]) -> None:
        """Ask ``read`` for the values of each trunk at each scrape."""
        self._registry.register(
            _Readings(lambda: ((name, told, (trunk,), value) for name, told, trunk, value in read()), "trunk")
        )

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class _Readings:
    """Collects values when asked; ``labels`` are the names of those that each has, ``read`` gives theirs before the value."""

    def __init__(self, read: Callable[[], Iterable[tuple[str, str, tuple[str, ...], float]]], *labels: str) -> None:
        self._read = read
        self._labels = labels

    def collect(self) -> Iterable[Metric]:
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for name, documentation, labelled, value in self._read():
            if name not in families:
                kind = CounterMetricFamily if name.endswith(GROWS) else GaugeMetricFamily
                families[name] = kind(PREFIX + name, documentation, labels=self._labels)
            families[name].add_metric(labelled, value)
        return families.values()
