"""``/2010-04-01/Accounts/{Sid}/Calls``: place a call, change a live one (spec section 4.6)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from markup.document import Document, DocumentError
from markup.events import Redirected
from markup.interpreter import Program
from markup.parser import parse
from media.errors import BusFull
from voice.account import Account
from voice.api.authentication import authenticate
from voice.api.detection import read_detection
from voice.api.errors import ApiError
from voice.api.fields import MOST_FIELDS, method, url
from voice.call import Call
from voice.errors import NO_SUCH_CALL, CallRefused, ChangeRefused, TargetRefused
from voice.placing import Order
from voice.switch import Switch

LONGEST_TWIML = 4000

_DIGITS = re.compile(r"^[0-9A-Da-d#*wW]{0,32}$")
_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


class Calls:
    """The resource."""

    def __init__(self, account: Account, switch: Switch) -> None:
        self._account = account
        self._switch = switch

    async def create(self, request: Request) -> Response:
        """Answer 201 with the call, or Twilio's error body."""
        self._check(request)
        async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
            order = read_order(form)
        try:
            call = self._switch.place(order)
        except TargetRefused as refusal:
            raise ApiError(400, _API_CODES.get(refusal.code, 21211), str(refusal)) from None
        except (CallRefused, BusFull) as refusal:
            raise ApiError(503, 20500, str(refusal)) from None
        return JSONResponse(_resource(call), 201)

    async def update(self, request: Request) -> Response:
        """Redirect or end a live call; answer 200 with it, or Twilio's error body."""
        self._check(request)
        async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
        change, status = read_change(fields), read_status(fields)
        call_sid = request.path_params["call"]
        try:
            if status:
                call = self._switch.end(call_sid, unanswered_only=status == "canceled")
            elif change is not None:
                call = self._switch.change(call_sid, change)
            else:
                raise ApiError(400, 20001, "Url, Twiml or Status is required")
        except ChangeRefused as refusal:
            raise ApiError(404 if refusal.code == NO_SUCH_CALL else 400, refusal.code, str(refusal)) from None
        return JSONResponse(_resource(call))

    def _check(self, request: Request) -> None:
        authenticate(request, self._account)
        if request.path_params["account"] != self._account.sid:
            raise ApiError(404, NO_SUCH_CALL, f"The requested resource {request.url.path} was not found")


_API_CODES = {13227: 21215, 13224: 21214, 13223: 21211, 13243: 21211, 13253: 21227, 13252: 21228, 13214: 21212}


def read_order(form: FormData) -> Order:
    """Check the form of a new call. Raises ApiError with the code of the first wrong parameter."""
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    for name, code in (("To", 21201), ("From", 21213)):
        if not fields.get(name):
            raise ApiError(400, code, f"No '{name}' number is specified")
    digits = fields.get("SendDigits", "")
    if not _DIGITS.fullmatch(digits):
        raise ApiError(400, 21206, "SendDigits may hold up to 32 of 0-9 A-D # * w W")
    detection, objections = read_detection(fields)
    return Order(
        to=fields["To"],
        from_=fields["From"],
        program=_program(fields),
        status_callback=url(fields, "StatusCallback"),
        status_callback_method=method(fields, "StatusCallbackMethod"),
        status_callback_event=_subscription(form),
        timeout=_seconds(fields, "Timeout", 60, 600, 21208),
        time_limit=_seconds(fields, "TimeLimit", 0, 86400, 21208),
        send_digits="".join(key if key in "wW" else key.upper() for key in digits),
        detection=detection,
        objections=objections,
    )


def read_change(fields: Mapping[str, str]) -> Redirected | None:
    """What a live call is to run instead, if anything. Raises ApiError."""
    address, twiml = url(fields, "Url"), fields.get("Twiml", "")
    if address and twiml:
        raise ApiError(400, 20001, "Url and Twiml exclude each other")
    if twiml:
        return Redirected("", document=_inline(twiml))
    return Redirected(address, method(fields, "Method")) if address else None


def read_status(fields: Mapping[str, str]) -> str:
    """``canceled``, ``completed`` or "". Raises ApiError."""
    status = fields.get("Status", "")
    if status not in ("", "canceled", "completed"):
        raise ApiError(400, 20001, "Status must be canceled or completed")
    return status


def _inline(twiml: str) -> Document:
    if len(twiml) > LONGEST_TWIML:
        raise ApiError(400, 32018, f"Twiml is longer than {LONGEST_TWIML} characters")
    try:
        return parse(twiml.encode())
    except DocumentError as error:
        raise ApiError(400, error.code, str(error)) from None


def _program(fields: Mapping[str, str]) -> Program:
    address, twiml = url(fields, "Url"), fields.get("Twiml", "")
    if address:
        fallback = url(fields, "FallbackUrl")
        return Program(address, method(fields, "Method"), fallback, method(fields, "FallbackMethod"))
    if not twiml:
        raise ApiError(400, 21205, "Url parameter is required.")
    return Program("", "POST", document=_inline(twiml))


def _seconds(fields: Mapping[str, str], name: str, default: int, most: int, code: int) -> int:
    text = fields.get(name) or str(default)
    if not text.isdecimal() or int(text) > most:
        raise ApiError(400, code, f"{name} must be a number of seconds up to {most}")
    return int(text)


def _subscription(form: FormData) -> tuple[str, ...]:
    wanted = " ".join(str(value) for value in form.getlist("StatusCallbackEvent")).split()
    return tuple(event for event in wanted if event in _EVENTS) or ("completed",)


def _resource(call: Call) -> dict[str, str | None]:
    return {
        "sid": call.sid,
        "account_sid": call.account_sid,
        "parent_call_sid": call.parent_sid or None,
        "to": call.party.to,
        "from": call.party.from_,
        "status": "queued" if call.status == "initiated" else call.status,
        "direction": call.direction,
        "answered_by": call.answered_by or None,
        "api_version": "2010-04-01",
        "uri": f"/2010-04-01/Accounts/{call.account_sid}/Calls/{call.sid}.json",
    }
