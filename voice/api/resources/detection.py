"""The machine detection that a new call asks for (spec section 3.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from markup.commands import Report
from media.answering import Mode, Thresholds
from voice.api.errors import ApiError
from voice.api.parameters import METHOD, URL, Parameter, snake, text
from voice.calls.detection import Plan

BAD_MODE, NO_CALLBACK, BAD_PARAMETER = 21234, 21262, 21263
BAD_URL, BAD_METHOD = 21205, 21209

_MODES: dict[str, Mode] = {"Enable": "Enable", "DetectMessageEnd": "DetectMessageEnd"}
_RANGES = {
    "MachineDetectionTimeout": ("timeout", 3, 60, 1000),
    "MachineDetectionSpeechThreshold": ("speech", 1000, 6000, 1),
    "MachineDetectionSpeechEndThreshold": ("speech_end", 500, 5000, 1),
    "MachineDetectionSilenceTimeout": ("silence", 2000, 10_000, 1),
}
"""Parameter to the threshold it sets, its least and greatest value, and how many milliseconds its unit has."""


DETECTION = (
    Parameter("MachineDetection", text(100)),
    *(Parameter(name, text(100)) for name in _RANGES),
    Parameter("AsyncAmd", text(100)),
    Parameter("AsyncAmdStatusCallback", URL, BAD_URL),
    Parameter("AsyncAmdStatusCallbackMethod", METHOD, BAD_METHOD),
)


def read_detection(form: Mapping[str, Any]) -> tuple[Plan | None, tuple[Report, ...]]:
    """The plan, if there is to be one, and what is wrong with it but not fatal. Raises ApiError.

    A threshold that is no number keeps its default, one out of its range is brought to the nearest that is allowed.
    """
    written = form.get("machine_detection", "")
    if not written:
        return None, ()
    chosen = _MODES.get(written)
    if chosen is None:
        raise ApiError(400, BAD_MODE, f"MachineDetection must be Enable or DetectMessageEnd, not {written[:40]!r}")
    if form.get("send_digits"):
        return None, (Report(BAD_PARAMETER, "MachineDetection is ignored because there are SendDigits"),)
    thresholds, objections = _thresholds(form)
    waits = form.get("async_amd", "false")
    if waits not in ("true", "false"):
        objections.append(Report(BAD_PARAMETER, f"AsyncAmd must be true or false, not {waits[:40]!r}"))
    callback = form.get("async_amd_status_callback", "")
    if waits != "true":
        return Plan(chosen, thresholds, waits=True), tuple(objections)
    if not callback:
        objections.append(Report(NO_CALLBACK, "AsyncAmd without AsyncAmdStatusCallback: nobody is told the result"))
    return Plan(chosen, thresholds, False, callback, form.get("async_amd_status_callback_method", "POST")), tuple(objections)


def _thresholds(form: Mapping[str, Any]) -> tuple[Thresholds, list[Report]]:
    thresholds, objections = Thresholds(), []
    for name, (threshold, least, most, unit) in _RANGES.items():
        written = form.get(snake(name), "")
        number = int(written) if written.isascii() and written.isdecimal() and len(written) <= 9 else None
        if number is not None:
            thresholds = replace(thresholds, **{threshold: unit * min(max(number, least), most)})
        if written and (number is None or not least <= number <= most):
            objections.append(
                Report(BAD_PARAMETER, f"{name} must be a whole number from {least} to {most}, not {written[:40]!r}")
            )
    return thresholds, objections
