"""What becomes of an agent's requests and a caller's keys in one payment (spec section 4.11). Pure: events in, acts out.

The agent names a piece of a card or an account and the caller types it, in any order and as often as need be; ``#``, the last
possible key or a pause ends an entry. What a payment allows when is the table ``_STEPS``: a request that is not in it is
refused, a key or a timer that is not in it means nothing. What spec section 4.11 leaves open is as Twilio documents its Payments
subresource, or as its published clients read it:

- each request and each key is told, with what the entry looks like so far and, as ``Required``, the pieces that are missing,
  named as ``Capture`` names them;
- an entry that is not valid is told with its ``ErrorType`` and forgotten; the agent asks again;
- a piece that has to match is entered once more for its ``-matcher``; when the entries differ, both are asked for again;
- ``*`` ends the payment, as it ends Pay.

While an entry is typed nothing of a card number is shown: the last four digits of every beginning would be the whole number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from markup.events import Parameters
from markup.events import PaymentRefused as Refused
from markup.events import PaymentSettled as Settled
from markup.execution.pay import Outcome, terms_of
from markup.execution.steps import (
    ACCOUNT_NUMBER,
    CARD_NUMBER,
    EXPIRATION_DATE,
    POSTAL_CODE,
    ROUTING_NUMBER,
    SECURITY_CODE,
    Case,
    Step,
    steps_of,
)
from markup.payment import Instrument, Terms
from markup.verbs import Pay
from voice.payment.connector import PaymentRefused

INCOMPLETE, BAD_VALUE, BAD_OPERATION = 64019, 64020, 64021
CANCELLED = "cancelled"
"""The ``Result`` of a payment that the agent gave up (unconfirmed)."""
MATCHER = "-matcher"
MATCHABLE = tuple(step.name for step in (CARD_NUMBER, EXPIRATION_DATE, SECURITY_CODE, POSTAL_CODE))
_PIECES: dict[str, tuple[Step, ...]] = {
    "credit-card": (CARD_NUMBER, EXPIRATION_DATE, POSTAL_CODE, SECURITY_CODE),
    "ach-debit": (ROUTING_NUMBER, ACCOUNT_NUMBER),
}
CAPTURES = (*(step.name for steps in _PIECES.values() for step in steps), *(name + MATCHER for name in MATCHABLE))

State = Literal["waiting", "capturing", "sending", "over"]


@dataclass(frozen=True, slots=True)
class Capture:
    """The agent asks for a piece; ``name`` is one of CAPTURES."""

    name: str


@dataclass(frozen=True, slots=True)
class Key:
    """The caller presses one."""

    digit: str


@dataclass(frozen=True, slots=True)
class Paused:
    """The time that was set is over."""


@dataclass(frozen=True, slots=True)
class Complete:
    """The agent lets the connector have it."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """The agent gives it up."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The call is over."""


Event = Capture | Key | Paused | Complete | Cancel | HungUp | Settled | Refused
_REQUESTS = (Capture, Complete, Cancel)


@dataclass(frozen=True, slots=True)
class Tell:
    """Post a status callback with these beside the common parameters."""

    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Listen:
    """Take the caller's keys, and keep them secret, from now on."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Report Paused after some seconds, instead of what was set before; None: not at all."""

    seconds: float | None


@dataclass(frozen=True, slots=True)
class Rest:
    """The entry is over: keys are the call's own again, once no late one of it can come."""


@dataclass(frozen=True, slots=True)
class Send:
    """Ask the connector, and report Settled or Refused."""

    terms: Terms
    instrument: Instrument


@dataclass(frozen=True, slots=True)
class Close:
    """Nothing more will happen."""


Act = Tell | Listen | Wait | Rest | Send | Close
Acts = tuple[Act, ...]

_SHOWN_WHILE_TYPED: dict[str, tuple[str, Callable[[str], str]]] = {
    CARD_NUMBER.name: ("PaymentCardNumber", lambda entry: "x" * len(entry)),
    EXPIRATION_DATE.name: ("ExpirationDate", str),
    POSTAL_CODE.name: ("PaymentCardPostalCode", str),
    SECURITY_CODE.name: ("SecurityCode", lambda entry: "x" * len(entry)),
    ROUTING_NUMBER.name: ("BankRoutingNumber", str),
    ACCOUNT_NUMBER.name: ("BankAccountNumber", lambda entry: "*" * len(entry)),
}
"""The parameter of each piece, and what of an unfinished entry it tells."""


class Till:
    """One payment: ``pay`` says what is to be paid and how, ``matching`` names the pieces that are entered twice."""

    def __init__(self, pay: Pay, matching: Iterable[str], today: date) -> None:
        self.state: State = "waiting"
        self._case = Case(pay, today)
        self._matching = frozenset(matching)
        self._unmatched: set[str] = set()
        """What was entered well once and has to be entered again."""
        self._step: Step = CARD_NUMBER
        self._again = False
        self._entry = ""
        if pay.payment_method == "ach-debit":
            self._case.instrument.account_type = pay.bank_account_type
        elif pay.postal_code not in ("true", "false"):
            POSTAL_CODE.accept(self._case, pay.postal_code)

    @property
    def required(self) -> tuple[str, ...]:
        """The pieces that are still to be captured."""
        named: list[str] = []
        for step in steps_of(self._case.pay):
            if not getattr(self._case.instrument, step.field):
                named.append(step.name)
            if step.name in self._matching and (named[-1:] == [step.name] or step.name in self._unmatched):
                named.append(step.name + MATCHER)
        return tuple(named)

    def receive(self, event: Event) -> Acts:
        """Take what happens; returns what is to be done, in order. Raises PaymentRefused for a request that cannot be met."""
        step = _STEPS.get((self.state, type(event)))
        if step is not None:
            return step(self, event)
        if isinstance(event, _REQUESTS):
            raise PaymentRefused(BAD_OPERATION, f"the payment is {self.state}: nothing can be captured, completed or cancelled")
        return ()

    def _capture(self, event: Capture) -> Acts:
        name, again = event.name.removesuffix(MATCHER), event.name.endswith(MATCHER)
        method = self._case.pay.payment_method
        step = next((each for each in _PIECES[method] if each.name == name), None)
        if step is None:
            raise PaymentRefused(BAD_VALUE, f"Capture: {name} is no piece of {method}")
        if again and name not in self._unmatched:
            raise PaymentRefused(BAD_OPERATION, f"Capture: no entry of {name} waits for one that matches it")
        if not again:
            self._forget(step)
        self._step, self._again, self._entry, self.state = step, again, "", "capturing"
        return Wait(None), Listen(), self._progress(partial=True)

    def _press(self, event: Key) -> Acts:
        match event.digit:
            case "*":
                return self._leave(Outcome("caller-interrupted-with-star"))
            case "#":
                return self._finish(event)
            case digit if digit in "0123456789":
                self._entry += digit
                if self._step.is_complete(self._case, self._entry):
                    return self._finish(event)
                return Wait(self._case.pay.timeout), self._progress(partial=True)
        return ()

    def _finish(self, event: Paused | Key) -> Acts:
        """The entry is over, whether it is good or not."""
        case, step, entry = self._case, self._step, self._entry
        error = step.fault(case, entry) if entry else step.error
        if self._again:
            error = "" if entry == getattr(case.instrument, step.field) else "input-matching-failed"
        if error:
            self._forget(step)
        elif self._again:
            self._unmatched.discard(step.name)
        else:
            self._accept(step, entry)
        self.state, self._entry = "waiting", ""
        return Wait(None), self._progress(partial=False, error=error), Rest()

    def _accept(self, step: Step, entry: str) -> None:
        case = self._case
        step.accept(case, entry)
        if step is SECURITY_CODE:
            case.shown["SecurityCode"] = "x" * len(entry)
        if step is CARD_NUMBER and case.instrument.security_code and len(case.instrument.security_code) != case.code_length:
            self._forget(SECURITY_CODE)  # it was that of another kind of card
        if step.name in self._matching:
            self._unmatched.add(step.name)

    def _forget(self, step: Step) -> None:
        setattr(self._case.instrument, step.field, "")
        self._unmatched.discard(step.name)
        self._case.shown.pop(_SHOWN_WHILE_TYPED[step.name][0], None)
        if step is CARD_NUMBER:
            self._case.shown.pop("PaymentCardType", None)

    def _complete(self, event: Complete) -> Acts:
        missing = self.required
        if missing:
            raise PaymentRefused(INCOMPLETE, f"not captured yet: {', '.join(missing)}")
        self.state, self._entry = "sending", ""
        return Wait(None), Rest(), Send(terms_of(self._case.pay), replace(self._case.instrument))

    def _settle(self, event: Settled) -> Acts:
        return self._leave(Outcome("success", settled=event))

    def _refuse(self, event: Refused) -> Acts:
        return self._leave(Outcome("payment-connector-error", event.message, event.code, event.connector_error))

    def _cancel(self, event: Cancel) -> Acts:
        return self._leave(None)

    def _hang_up(self, event: HungUp) -> Acts:
        return self._leave(Outcome("caller-hung-up"))

    def _leave(self, outcome: Outcome | None) -> Acts:
        result = outcome.parameters if outcome is not None else (("Result", CANCELLED),)
        told = (*result, *self._case.shown.items())
        self.state, self._entry = "over", ""
        self._case.instrument.forget()
        return Wait(None), Tell(told), Rest(), Close()

    def _progress(self, *, partial: bool, error: str = "") -> Tell:
        shown = dict(self._case.shown)
        if partial:
            name, show = _SHOWN_WHILE_TYPED[self._step.name]
            shown[name] = show(self._entry)
        failed = (("ErrorType", error),) if error else ()
        return Tell(
            (
                ("Capture", self._step.name + (MATCHER if self._again else "")),
                ("PartialResult", "true" if partial else "false"),
                ("Required", ",".join(self.required)),
                *failed,
                *shown.items(),
            )
        )


_STEPS: dict[tuple[State, type[Event]], Callable[[Till, Any], Acts]] = {
    ("waiting", Capture): Till._capture,
    ("waiting", Complete): Till._complete,
    ("waiting", Cancel): Till._cancel,
    ("waiting", HungUp): Till._hang_up,
    ("capturing", Capture): Till._capture,
    ("capturing", Key): Till._press,
    ("capturing", Paused): Till._finish,
    ("capturing", Complete): Till._complete,
    ("capturing", Cancel): Till._cancel,
    ("capturing", HungUp): Till._hang_up,
    ("sending", Settled): Till._settle,
    ("sending", Refused): Till._refuse,
}
"""What a payment does with what happens to it. One that is being sent is not withdrawn, and outlives the call."""
