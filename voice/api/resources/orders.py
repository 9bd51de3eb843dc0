"""What ``POST /Calls`` takes: the form of a new call and that of a change, read and checked (spec section 4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markup.document import Document, DocumentError
from markup.events import Redirected
from markup.interpreter import Program
from markup.parser import parse
from voice.api.errors import ApiError
from voice.api.parameters import BAD_PARAMETER, BOOLEAN, METHOD, URL, Parameter, choice, integer, matching, sid, text
from voice.api.resources.detection import DETECTION, read_detection
from voice.calls.placing import Order
from voice.recording.recording import NOBODY, Source, Subscription
from voice.recording.take import Wish
from voice.routing.directory import Directory

LONGEST_TWIML = 4000
NO_TO, NO_FROM, BAD_URL, BAD_DIGITS, BAD_TIMEOUT, BAD_METHOD = 21201, 21213, 21205, 21206, 21208, 21209
BAD_APPLICATION = 21218
NOT_VERIFIED = 21210
BAD_USERNAME, BAD_PASSWORD = 21221, 21223
TWIML_TOO_LARGE = 32018

Told = tuple[str, str, tuple[str, ...]]
"""URL, method and events of a status callback."""
_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
RECORDING_EVENTS = frozenset({"started", "in-progress", "paused", "resumed", "stopped", "completed", "failed", "absent"})
_PROGRAM = (
    Parameter("Url", URL, BAD_URL),
    Parameter("Method", METHOD, BAD_METHOD),
    Parameter("FallbackUrl", URL, BAD_URL),
    Parameter("FallbackMethod", METHOD, BAD_METHOD),
    Parameter("Twiml", text(LONGEST_TWIML), TWIML_TOO_LARGE),
)
_CALLBACK = (
    Parameter("StatusCallback", URL, BAD_URL),
    Parameter("StatusCallbackMethod", METHOD, BAD_METHOD),
)
CALLBACK = (*_CALLBACK, Parameter("StatusCallbackEvent", text(200), many=True))
TIME_LIMIT = Parameter("TimeLimit", integer(1, 86_400), BAD_TIMEOUT)

CREDENTIALS = (
    Parameter("SipAuthUsername", text(255), BAD_USERNAME),
    Parameter("SipAuthPassword", text(255), BAD_PASSWORD),
)
RECORDING = (
    Parameter("Record", BOOLEAN),
    Parameter("RecordingChannels", choice("mono", "dual")),
    Parameter("RecordingTrack", choice("inbound", "outbound", "both")),
    Parameter("RecordingStatusCallback", URL, BAD_URL),
    Parameter("RecordingStatusCallbackMethod", METHOD, BAD_METHOD),
    Parameter("RecordingStatusCallbackEvent", text(200), many=True),
    Parameter("Trim", choice("trim-silence", "do-not-trim")),
)
PARTIES = (
    Parameter("To", text(2000), required=NO_TO),
    Parameter("From", text(300), required=NO_FROM),
    Parameter("CallerId", text(300)),
    Parameter("CallReason", text(50)),
    Parameter("CallToken", text(4000)),
    Parameter("Byoc", sid("BY")),
    Parameter("ClientNotificationUrl", URL, BAD_URL),
)
ORDER = (
    *PARTIES,
    *_PROGRAM,
    Parameter("ApplicationSid", sid("AP"), BAD_APPLICATION),
    *CALLBACK,
    Parameter("SendDigits", matching("[0-9A-Da-d#*wW]{0,32}", "up to 32 of 0-9 A-D # * w W"), BAD_DIGITS),
    Parameter("Timeout", integer(0, 600), BAD_TIMEOUT),
    TIME_LIMIT,
    *RECORDING,
    *CREDENTIALS,
    *DETECTION,
)
CHANGES = (*_PROGRAM, *_CALLBACK, TIME_LIMIT, Parameter("Status", choice("canceled", "completed")))


def read_order(form: Mapping[str, Any], account_sid: str, directory: Directory) -> Order:
    """The order that a form with the parameters of ORDER is. Raises ApiError."""
    check_caller(form, account_sid, directory)
    return make_order(form, account_sid, *_program(form, account_sid, directory))


def make_order(form: Mapping[str, Any], account_sid: str, program: Program, told: Told) -> Order:
    """The order of a call that runs a program, whatever else a form says. Raises ApiError."""
    digits = form.get("send_digits", "")
    detection, objections = read_detection(form)
    return Order(
        account_sid,
        form["to"],
        form["from"],
        program,
        caller_id=form.get("caller_id", ""),
        username=form.get("sip_auth_username", ""),
        password=form.get("sip_auth_password", ""),
        record=read_recording(form),
        status_callback=told[0],
        status_callback_method=told[1],
        status_callback_event=told[2],
        timeout=form.get("timeout", 60),
        time_limit=form.get("time_limit", 0),
        send_digits="".join(key if key in "wW" else key.upper() for key in digits),
        detection=detection,
        objections=objections,
        display_name=form.get("caller_display_name", ""),
        form=form,
    )


def check_caller(form: Mapping[str, Any], account_sid: str, directory: Directory) -> None:
    """Whether the account may call with what the far end is shown. Raises ApiError."""
    for name in ("from", "caller_id"):
        if not directory.may_show(account_sid, form.get(name, "")):
            raise ApiError(400, NOT_VERIFIED, f"{form[name]} is neither a number of this account nor a verified caller id")


def read_recording(form: Mapping[str, Any]) -> Wish | None:
    """How a call is to be recorded, if it is."""
    return read_wish(form, "OutboundAPI", trim="trim-silence") if form.get("record") else None


def read_wish(form: Mapping[str, Any], source: Source, *, trim: str) -> Wish:
    """How a form wants a call to be recorded; ``trim`` is the default of Trim."""
    told = NOBODY
    if form.get("recording_status_callback"):
        events = words(form, "recording_status_callback_event", RECORDING_EVENTS) or ("completed",)
        told = Subscription(form["recording_status_callback"], form.get("recording_status_callback_method", "POST"), events)
    dual, trimmed = form.get("recording_channels") == "dual", form.get("trim", trim) == "trim-silence"
    return Wish(source, form.get("recording_track", "both"), dual, trimmed, told)


def read_change(form: Mapping[str, Any]) -> Redirected | None:
    """What a live call is to run instead, if anything. Raises ApiError."""
    address, twiml = form.get("url", ""), form.get("twiml", "")
    if address and twiml:
        raise ApiError(400, BAD_PARAMETER, "Url and Twiml exclude each other")
    if twiml:
        return Redirected("", document=read_document(twiml))
    return Redirected(address, form.get("method", "POST")) if address else None


def read_document(twiml: str) -> Document:
    """A document that came in a form. Raises ApiError."""
    try:
        return parse(twiml.encode())
    except DocumentError as error:
        raise ApiError(400, error.code, str(error)) from None


def words(form: Mapping[str, Any], key: str, known: frozenset[str]) -> tuple[str, ...]:
    """The words of a parameter that is repeated or has several in one value; unknown ones are left out."""
    given = " ".join(form.get(key, ())).split()
    return tuple(word for word in given if word in known)


def read_told(form: Mapping[str, Any]) -> Told:
    """Who is told of the steps of a call."""
    subscribed = words(form, "status_callback_event", _EVENTS) or ("completed",)
    return form.get("status_callback", ""), form.get("status_callback_method", "POST"), subscribed


def _program(form: Mapping[str, Any], account_sid: str, directory: Directory) -> tuple[Program, Told]:
    """What is run, and who is told: an application brings both, whatever else the form says (section 1.1)."""
    if form.get("application_sid"):
        found = directory.application(form["application_sid"], account_sid)
        if found is None:
            raise ApiError(400, BAD_APPLICATION, "ApplicationSid is not an application of this account")
        program = Program(found.url, found.method, found.fallback_url, found.fallback_method)
        return program, (found.status_callback, found.status_callback_method, ("completed",))
    told = read_told(form)
    if form.get("url"):
        fallback = form.get("fallback_url", "")
        return Program(form["url"], form.get("method", "POST"), fallback, form.get("fallback_method", "POST")), told
    if not form.get("twiml"):
        raise ApiError(400, BAD_URL, "Url parameter is required.")
    return Program("", "POST", document=read_document(form["twiml"])), told
