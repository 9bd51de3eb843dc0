"""The machine detection that a new call asks for (spec section 3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from markup.commands import Report
from media.answering import Mode, Thresholds
from voice.api.errors import ApiError
from voice.api.fields import method, url
from voice.detection import Plan

BAD_MODE, NO_CALLBACK, BAD_PARAMETER = 21234, 21262, 21263

_MODES: dict[str, Mode] = {"Enable": "Enable", "DetectMessageEnd": "DetectMessageEnd"}
_RANGES = {
    "MachineDetectionTimeout": ("timeout", 3, 60, 1000),
    "MachineDetectionSpeechThreshold": ("speech", 1000, 6000, 1),
    "MachineDetectionSpeechEndThreshold": ("speech_end", 500, 5000, 1),
    "MachineDetectionSilenceTimeout": ("silence", 2000, 10_000, 1),
}
"""Parameter to the threshold it sets, its least and greatest value, and how many milliseconds its unit has."""


def read_detection(fields: Mapping[str, str]) -> tuple[Plan | None, tuple[Report, ...]]:
    """The plan, if there is to be one, and what is wrong with it but not fatal. Raises ApiError.

    A threshold that is no number keeps its default, one out of its range is brought to the nearest that is allowed.
    """
    written = fields.get("MachineDetection", "")
    if not written:
        return None, ()
    chosen = _MODES.get(written)
    if chosen is None:
        raise ApiError(400, BAD_MODE, f"MachineDetection must be Enable or DetectMessageEnd, not {written[:40]!r}")
    if fields.get("SendDigits"):
        return None, (Report(BAD_PARAMETER, "MachineDetection is ignored because there are SendDigits"),)
    thresholds, objections = _thresholds(fields)
    waits = fields.get("AsyncAmd", "false")
    if waits not in ("true", "false"):
        objections.append(Report(BAD_PARAMETER, f"AsyncAmd must be true or false, not {waits[:40]!r}"))
    callback = url(fields, "AsyncAmdStatusCallback")
    if waits != "true":
        return Plan(chosen, thresholds, waits=True), tuple(objections)
    if not callback:
        objections.append(Report(NO_CALLBACK, "AsyncAmd without AsyncAmdStatusCallback: nobody is told the result"))
    return Plan(chosen, thresholds, False, callback, method(fields, "AsyncAmdStatusCallbackMethod")), tuple(objections)


def _thresholds(fields: Mapping[str, str]) -> tuple[Thresholds, list[Report]]:
    thresholds, objections = Thresholds(), []
    for name, (threshold, least, most, unit) in _RANGES.items():
        text = fields.get(name, "")
        number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None
        if number is not None:
            thresholds = replace(thresholds, **{threshold: unit * min(max(number, least), most)})
        if text and (number is None or not least <= number <= most):
            objections.append(Report(BAD_PARAMETER, f"{name} must be a whole number from {least} to {most}, not {text[:40]!r}"))
    return thresholds, objections
