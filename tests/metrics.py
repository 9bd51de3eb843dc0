"""What is wrong with the names and labels of an exposition, by the rules of Prometheus and some of our own.

https://prometheus.io/docs/practices/naming/ and https://prometheus.io/docs/practices/instrumentation/ are where they come from.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

LABELS = frozenset({"direction", "status", "kind", "level", "code", "answered_by", "recognizer", "outcome", "trunk", "le"})
UNITS = frozenset({"seconds", "bytes", "ratio"})
STRANGE_UNITS = frozenset(
    {"ms", "milliseconds", "us", "microseconds", "minutes", "hours", "days", "kilobytes", "megabytes", "percent"}
)
TAKEN = ("_count", "_sum", "_bucket", "_info", "_created")
"""Ends that mean something to Prometheus."""
_NAME = re.compile(r"strowger(_[a-z][a-z0-9]*)+")
_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
_NUMBER = re.compile(r"\+?\d{7,}")
MOST_SERIES = 60
"""Of one metric."""


def objections(text: str) -> list[str]:
    """A sentence for each."""
    return [f"{family.name}: {said}" for family in text_string_to_metric_families(text) for said in _of_family(family)]


def _of_family(family: Metric) -> Iterator[str]:
    if not family.documentation:
        yield "has no help"
    if family.type not in ("counter", "gauge", "histogram"):
        yield f"is a {family.type}"
    if len(family.samples) > MOST_SERIES:
        yield f"has {len(family.samples)} series"
    yield from _of_name(family)
    for sample in family.samples:
        yield from _of_labels(sample.labels)


def _of_name(family: Metric) -> Iterator[str]:
    words = family.name.split("_")
    if _NAME.fullmatch(family.name) is None:
        yield "is no name of ours"
    if family.type != "counter" and family.name.endswith(("_total", *TAKEN)):
        yield "ends in what means something else"
    for word in STRANGE_UNITS & set(words):
        yield f"{word} is no base unit"
    for unit in UNITS & set(words):
        if words[-1] != unit:
            yield f"{unit} is not at its end"


def _of_labels(labels: Mapping[str, str]) -> Iterator[str]:
    for name, value in labels.items():
        if name not in LABELS:
            yield f"label {name} is not among those agreed on"
        if name != "le" and _names_somebody(value):
            yield f"label {name} has the value {value}"


def _names_somebody(value: str) -> bool:
    try:
        ipaddress.ip_address(value.partition(":")[0])
    except ValueError:
        return bool(_SID.search(value) or _NUMBER.search(value) or "@" in value)
    return True
