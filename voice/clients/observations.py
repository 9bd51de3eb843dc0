"""What the Voice SDK tells Insights of a call: read, bounded, and put into a few words for its journal. Pure.

An event comes alone (``/v4/EndpointEvents``); samples of the audio, one a second, come ten at a time (``/v4/EndpointMetrics``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from voice.clients.messages import LONGEST_NAME, MessageInvalid

EVENT, QUALITY = "page-event", "page-quality"
"""Kinds of entries."""
LONGEST_BODY = 65_536
"""Bytes."""
MOST_SAMPLES = 100
MOST_FACTS, LONGEST_FACT = 12, 200
_USUAL = frozenset(
    (
        "aggressive_nomination",
        "browser_extension",
        "dscp",
        "ice_restart_enabled",
        "platform",
        "sdk_version",
        "call_sid",
        "temp_call_sid",
        "audio_codec",
        "direction",
        "gateway",
        "region",
    )
)
"""Told with every event, and known."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One entry of a journal; ``call`` is the CallSid, or what the page calls it before it knows that."""

    call: str
    kind: str
    data: dict[str, Any]
    """Bounded: numbers, text, and text by name."""


def read(body: bytes) -> Observation:
    """What a page has noticed. Raises MessageInvalid."""
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        raise MessageInvalid("this is not JSON") from None
    payload = whole.get("payload") if isinstance(whole, dict) else None
    if isinstance(payload, dict):
        return _event(whole, payload)
    if isinstance(payload, list) and 0 < len(payload) <= MOST_SAMPLES and all(isinstance(each, dict) for each in payload):
        return _quality(payload)
    raise MessageInvalid(f"a payload is an object, or a list of up to {MOST_SAMPLES} of them")


def _event(whole: Mapping[str, Any], payload: Mapping[str, Any]) -> Observation:
    own = [(name, value) for name, value in payload.items() if name not in _USUAL and value not in (None, "")]
    told = {name[:LONGEST_FACT]: _fact(value) for name, value in own[:MOST_FACTS]}
    data: dict[str, Any] = {name: _name(whole, name) for name in ("group", "name", "level")}
    return Observation(_call(payload), EVENT, {**data, "told": told} if told else data)


def _quality(samples: list[Mapping[str, Any]]) -> Observation:
    lost, received = sum(_numbers(samples, "packets_lost")), sum(_numbers(samples, "packets_received"))
    figures = {
        "mos": _mean(_numbers(samples, "mos")),
        "jitter_ms": max(_numbers(samples, "jitter"), default=None),
        "round_trip_ms": _mean(_numbers(samples, "rtt")),
        "loss": round(lost / (lost + received), 3) if lost + received > 0 else None,
        "microphone": max(_numbers(samples, "audio_level_in"), default=None),
        "speaker": max(_numbers(samples, "audio_level_out"), default=None),
    }
    told: dict[str, Any] = {"seconds": len(samples), "codec": _fact(samples[-1].get("audio_codec", ""))}
    told.update({name: figure for name, figure in figures.items() if figure is not None})
    return Observation(_call(samples[-1]), QUALITY, told)


def _call(payload: Mapping[str, Any]) -> str:
    call = payload.get("call_sid") or payload.get("temp_call_sid")
    if not isinstance(call, str) or len(call) > LONGEST_NAME:
        raise MessageInvalid("a payload names its call")
    return call


def _name(whole: Mapping[str, Any], name: str) -> str:
    value = whole.get(name)
    if not isinstance(value, str):
        raise MessageInvalid(f"{name} must be text")
    return value[:LONGEST_FACT]


def _fact(value: Any) -> str:
    return (value if isinstance(value, str) else json.dumps(value, separators=(",", ":")))[:LONGEST_FACT]


def _numbers(samples: Iterable[Mapping[str, Any]], name: str) -> list[float]:
    """The figures of one name that are figures, none of them absurd."""
    found = [sample.get(name) for sample in samples]
    return [
        each
        for each in found
        if isinstance(each, int | float) and not isinstance(each, bool) and math.isfinite(each) and 0 <= each < 1e9
    ]


def _mean(figures: list[float]) -> float | None:
    return round(sum(figures) / len(figures), 2) if figures else None
