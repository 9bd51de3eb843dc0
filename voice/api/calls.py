"""``POST /2010-04-01/Accounts/{Sid}/Calls.json``: place a call (spec section 4.6)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from markup.document import DocumentError
from markup.interpreter import Program
from markup.parser import parse
from media.errors import BusFull
from voice.account import Account
from voice.api.authentication import authenticate
from voice.api.errors import ApiError
from voice.call import Call
from voice.errors import CallRefused, TargetRefused
from voice.switch import Order

LONGEST_TWIML = 4000
MOST_FIELDS = 200

_DIGITS = re.compile(r"^[0-9A-Da-d#*wW]{0,32}$")
_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})


class Calls:
    """The resource; ``place`` is the switch's."""

    def __init__(self, account: Account, place: Callable[[Order], Call]) -> None:
        self._account = account
        self._place = place

    async def create(self, request: Request) -> Response:
        """Answer 201 with the call, or Twilio's error body."""
        authenticate(request, self._account)
        if request.path_params["account"] != self._account.sid:
            raise ApiError(404, 20404, f"The requested resource {request.url.path} was not found")
        async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
            order = read_order(form)
        try:
            call = self._place(order)
        except TargetRefused as refusal:
            raise ApiError(400, _API_CODES.get(refusal.code, 21211), str(refusal)) from None
        except (CallRefused, BusFull) as refusal:
            raise ApiError(503, 20500, str(refusal)) from None
        return JSONResponse(_resource(call), 201)


_API_CODES = {13227: 21215, 13224: 21214, 13223: 21211, 13243: 21211, 13253: 21227, 13252: 21228, 13214: 21212}


def read_order(form: FormData) -> Order:
    """Check the form of a new call. Raises ApiError with the code of the first wrong parameter."""
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    for name, code in (("To", 21201), ("From", 21213)):
        if not fields.get(name):
            raise ApiError(400, code, f"No '{name}' number is specified")
    digits = fields.get("SendDigits", "")
    if not _DIGITS.match(digits):
        raise ApiError(400, 21206, "SendDigits may hold up to 32 of 0-9 A-D # * w W")
    return Order(
        to=fields["To"],
        from_=fields["From"],
        program=_program(fields),
        status_callback=_url(fields, "StatusCallback"),
        status_callback_method=_method(fields, "StatusCallbackMethod"),
        status_callback_event=_subscription(form),
        timeout=_seconds(fields, "Timeout", 60, 600, 21208),
        time_limit=_seconds(fields, "TimeLimit", 0, 86400, 21208),
        send_digits="".join(key if key in "wW" else key.upper() for key in digits),
    )


def _program(fields: Mapping[str, str]) -> Program:
    url, twiml = _url(fields, "Url"), fields.get("Twiml", "")
    if url:
        fallback = _url(fields, "FallbackUrl")
        return Program(url, _method(fields, "Method"), fallback, _method(fields, "FallbackMethod"))
    if not twiml:
        raise ApiError(400, 21205, "Url parameter is required.")
    if len(twiml) > LONGEST_TWIML:
        raise ApiError(400, 32018, f"Twiml is longer than {LONGEST_TWIML} characters")
    try:
        return Program("", "POST", document=parse(twiml.encode()))
    except DocumentError as error:
        raise ApiError(400, error.code, str(error)) from None


def _url(fields: Mapping[str, str], name: str) -> str:
    url = fields.get(name, "")
    if url and not _is_absolute(url):
        raise ApiError(400, 21205, f"{name} is not a valid URL: {url[:200]}")
    return url


def _is_absolute(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _method(fields: Mapping[str, str], name: str) -> str:
    method = fields.get(name, "POST").upper()
    if method not in ("GET", "POST"):
        raise ApiError(400, 21209, f"{name} must be GET or POST")
    return method


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
        "status": "queued",
        "direction": call.direction,
        "api_version": "2010-04-01",
        "uri": f"/2010-04-01/Accounts/{call.account_sid}/Calls/{call.sid}.json",
    }
