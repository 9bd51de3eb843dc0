"""``/Calls/{CA}/Payments``: what a caller pays while an agent asks for it (spec section 4.11).

A payment can be made and changed, not looked at: how it goes is told by its status callbacks. What section 4.11 leaves open is as
Twilio documents its Payments subresource, or else:

- ``StatusCallback`` has to be absolute, for a call has no address that a relative one could be relative to;
- ``PostalCode`` may be the code itself, as ``postalCode`` of Pay may, and is not asked for then;
- a key is remembered with what it asked for: the same key with another ``Capture`` or ``Status`` is another request;
- ``Confirmation=true`` is refused: the switch says nothing into a call that an agent talks in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from markup.execution.steps import LONGEST_POSTAL_CODE
from markup.verbs import Pay
from markup.verbs.roots import Parameter as PayParameter
from voice.api.errors import ApiError
from voice.api.operation import Ask, post
from voice.api.parameters import BAD_PARAMETER, BOOLEAN, URL, Kind, Parameter, choice, integer, matching, text
from voice.api.resources.live import find_line
from voice.api.shapes import Shape, moment, sid
from voice.calls.registry import Registry
from voice.payment.connector import PaymentRefused
from voice.payment.payments import Order, Payment, Payments
from voice.payment.till import BAD_VALUE, CAPTURES, MATCHABLE, Cancel, Capture, Complete, Event

BAD_URL = 21205
BAD_AMOUNT, BAD_CONNECTOR, BAD_TOKEN, BAD_CURRENCY, BAD_METHOD = 64003, 64004, 64006, 64011, 64013
ACCOUNT_WITH_CARD, CAPTURE_OR_STATUS = 64017, 64018
LONGEST_KEY = 255
MOST_PARAMETERS = 99
LONGEST_PAUSE = 600
_CARDS = ("visa", "mastercard", "amex", "maestro", "discover", "optima", "jcb", "diners-club", "enroute")
_AMOUNT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")

PAYMENT = Shape(
    "Payment",
    {"account_sid": sid("AC"), "call_sid": sid("CA"), "sid": sid("PK"), "date_created": moment(), "date_updated": moment()},
    "/Calls/{call_sid}/Payments/{sid}",
)


def _amount(given: str) -> str:
    if given and not _AMOUNT.fullmatch(given):
        raise ValueError("must be an amount from 0 to less than 1000000")
    return given if given and float(given) else ""


def _words(options: tuple[str, ...], between: str) -> Kind:
    """Some of a few words, in one text."""

    def read(given: str) -> tuple[str, ...]:
        words = tuple(word.strip().lower() for word in given.split(between) if word.strip())
        if not set(words) <= set(options):
            raise ValueError(f"must be some of {', '.join(options)}")
        return words

    return Kind(read, {"type": "string"})


def _object(given: str) -> str:
    try:
        read = json.loads(given or "{}")
    except (ValueError, RecursionError):
        raise ValueError("must be a JSON object") from None
    if not isinstance(read, dict) or len(read) > MOST_PARAMETERS:
        raise ValueError(f"must be a JSON object of at most {MOST_PARAMETERS} members")
    if not all(isinstance(value, str | int | float | bool) for value in read.values()):
        raise ValueError("must have a single level: members are texts, numbers and booleans")
    return given


def _parameters(given: str) -> tuple[PayParameter, ...]:
    """The members of an object, texts as they are and anything else as JSON has it."""
    members = json.loads(given or "{}").items()
    return tuple(PayParameter(name=name, value=value if isinstance(value, str) else json.dumps(value)) for name, value in members)


_POSTAL_CODE = matching(rf"[0-9A-Za-z -]{{1,{LONGEST_POSTAL_CODE}}}", "true, false or a postal code")
_REQUEST = (
    Parameter("IdempotencyKey", text(LONGEST_KEY), required=BAD_PARAMETER),
    Parameter("StatusCallback", URL, BAD_URL, required=BAD_PARAMETER),
)
_ORDER = (
    *_REQUEST,
    Parameter("BankAccountType", choice("consumer-checking", "consumer-savings", "commercial-checking"), BAD_VALUE),
    Parameter("ChargeAmount", Kind(_amount, {"type": "string", "pattern": f"^({_AMOUNT.pattern})?$"}), BAD_AMOUNT),
    Parameter("Currency", matching("[A-Za-z]{3}", "a currency of three letters"), BAD_CURRENCY),
    Parameter("Description", text(1000), BAD_VALUE),
    Parameter("Input", choice("dtmf"), BAD_VALUE),
    Parameter("MinPostalCodeLength", integer(1, LONGEST_POSTAL_CODE), BAD_VALUE),
    Parameter("Parameter", Kind(_object, {"type": "string", "contentMediaType": "application/json"}), BAD_VALUE),
    Parameter("PaymentConnector", text(256, 1), BAD_CONNECTOR),
    Parameter("PaymentMethod", choice("credit-card", "ach-debit"), BAD_METHOD),
    Parameter("PostalCode", _POSTAL_CODE, BAD_VALUE),
    Parameter("SecurityCode", BOOLEAN),
    Parameter("Timeout", integer(1, LONGEST_PAUSE), BAD_VALUE),
    Parameter("TokenType", choice("one-time", "reusable", "payment-method"), BAD_TOKEN),
    Parameter("ValidCardTypes", _words(_CARDS, " "), BAD_VALUE),
    Parameter("RequireMatchingInputs", _words(MATCHABLE, ","), BAD_VALUE),
    Parameter("Confirmation", choice("true", "false"), BAD_VALUE),
)
_CHANGE = (
    *_REQUEST,
    Parameter("Capture", choice(*CAPTURES), BAD_VALUE),
    Parameter("Status", choice("complete", "cancel"), BAD_VALUE),
)
_STATUSES: dict[str, Event] = {"complete": Complete(), "cancel": Cancel()}
_OF_PAY = (
    "bank_account_type",
    "charge_amount",
    "currency",
    "description",
    "min_postal_code_length",
    "payment_connector",
    "payment_method",
    "security_code",
    "timeout",
    "token_type",
)
"""Parameters that mean what attributes of Pay mean."""


class PaymentResource:
    """The resource."""

    def __init__(self, registry: Registry, payments: Payments) -> None:
        self._registry = registry
        self._payments = payments

    @post("/Calls/{CallSid}/Payments", PAYMENT, takes=_ORDER, status=201)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Begin a payment of a live call; the same key again finds it."""
        line, order = find_line(self._registry, ask), read_order(ask.form)
        try:
            return _row(self._payments.start(line, ask.form["idempotency_key"], order))
        except PaymentRefused as refusal:
            raise ApiError(400, refusal.code, str(refusal)) from None

    @post("/Calls/{CallSid}/Payments/{Sid}", PAYMENT, takes=_CHANGE, status=202)
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """Ask for a piece of information, or complete or cancel the payment."""
        form, payment = ask.form, self._payments.find(find_line(self._registry, ask).call.sid, ask.keys["Sid"])
        if payment is None:
            raise ask.not_found()
        if ("capture" in form) == ("status" in form):
            raise ApiError(400, CAPTURE_OR_STATUS, "Either Capture or Status is required, and not both")
        event: Event = Capture(form["capture"]) if "capture" in form else _STATUSES[form["status"]]
        try:
            payment.change(form["idempotency_key"], form["status_callback"], event)
        except PaymentRefused as refusal:
            raise ApiError(400, refusal.code, str(refusal)) from None
        return _row(payment)


def read_order(form: Mapping[str, Any]) -> Order:
    """The payment that a form with the parameters of a new one asks for. Raises ApiError."""
    method = form.get("payment_method", "credit-card")
    if method == "credit-card" and "bank_account_type" in form:
        raise ApiError(400, ACCOUNT_WITH_CARD, "BankAccountType means nothing where PaymentMethod is credit-card")
    if form.get("confirmation") == "true":
        raise ApiError(400, BAD_VALUE, "Confirmation: this switch does not ask the caller to confirm")
    given = {name: form[name] for name in _OF_PAY if name in form}
    postal_code = form.get("postal_code", "true")
    if postal_code.lower() in ("true", "false"):
        postal_code = postal_code.lower()
    cards = form.get("valid_card_types") or Pay().valid_card_types
    pay = Pay(postal_code=postal_code, valid_card_types=cards, parameters=_parameters(form.get("parameter", "")), **given)
    return Order(pay, form["status_callback"], form.get("require_matching_inputs", ()))


def _row(payment: Payment) -> dict[str, Any]:
    return {
        "sid": payment.sid,
        "account_sid": payment.call.account_sid,
        "call_sid": payment.call.sid,
        "date_created": payment.created,
        "date_updated": payment.updated,
    }
