"""Every payment of one server that an agent asks for piece by piece (spec section 4.11): its requests, keys and callbacks.

A payment belongs to the line whose caller types. While that caller types an entry, and for TAIL_SECONDS after its last key, the
keys go to the payment alone and nobody hears the line: neither its peer nor a recording. A caller who has to look for the card
is not heard either, until the entry is over; the agent is heard by the caller all the time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from markup.commands import Report
from markup.events import Parameters, PaymentSettled
from markup.events import PaymentRefused as Refused
from markup.execution.pay import terms_of
from markup.verbs import Pay
from voice.calls.call import Call
from voice.calls.line import Line
from voice.identifiers import new_sid
from voice.payment.connector import UNAVAILABLE, Connectors, PaymentRefused
from voice.payment.settlement import last_day, settle
from voice.payment.till import BAD_OPERATION, Acts, Close, Event, HungUp, Key, Listen, Paused, Rest, Send, Tell, Till, Wait
from voice.story.metrics import Metrics
from voice.story.reports import report
from voice.web.callbacks import CallbackSender

TAIL_SECONDS = 2.0
"""How long keys of an entry that is over, the ``#`` that was not needed or a digit too many, are still its own."""
MOST_OF_A_CALL, MOST_REQUESTS = 100, 100
"""Payments of one call, and changes of one payment, whose idempotency keys are remembered."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid, how it is asked for, and who is told."""

    pay: Pay
    """What it says of prompts and of its own callbacks means nothing here."""
    callback: str
    matching: tuple[str, ...] = ()
    """The pieces that are entered twice."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every payment needs of the server."""

    connectors: Connectors
    callbacks: CallbackSender
    metrics: Metrics
    now: Callable[[], float]
    wall: Callable[[], datetime]


class Payment:
    """One payment; it ends with the line it is of, unless it is being sent by then."""

    def __init__(self, line: Line, order: Order, around: Surroundings) -> None:
        self.sid = new_sid("PK")
        self.call: Call = line.call
        self.created = self.updated = around.wall()
        self._line = line
        self._order = order
        self._callback = order.callback
        self._around = around
        self._till = Till(order.pay, order.matching, last_day(around.wall()))
        self._taken: dict[tuple[str, Event], None] = {}
        """The requests that were met, by their keys, the oldest first."""
        self._pause: asyncio.TimerHandle | None = None
        self._tail: asyncio.TimerHandle | None = None
        self._listening = False
        self._sending: asyncio.Task[None] | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self._till.state == "over"

    def open(self) -> None:
        """Tell that it begins."""
        self._line.on_end.append(self.hang_up)
        self.call.journal.add("assisted-payment", sid=self.sid, event="open")
        self._tell((), changed=False)

    def change(self, key: str, callback: str, event: Event) -> None:
        """Do what is asked for and tell ``callback`` from now on; nothing the second time. Raises PaymentRefused."""
        if (key, event) in self._taken:
            return
        acts = self._till.receive(event)
        self._taken[key, event] = None
        if len(self._taken) > MOST_REQUESTS:
            del self._taken[next(iter(self._taken))]
        self._callback = callback
        self._perform(acts)

    def hang_up(self) -> None:
        """The line is gone."""
        self._perform(self._till.receive(HungUp()))
        self._release()

    def _press(self, digit: str) -> None:
        acts = self._till.receive(Key(digit))
        self._perform(acts)
        if self._tail is not None and not acts:
            self._linger()

    def _perform(self, acts: Acts) -> None:
        for act in acts:
            match act:
                case Tell(parameters):
                    self._tell(parameters)
                case Listen():
                    self._listen()
                case Wait(seconds):
                    self._wait(seconds)
                case Rest() if self._listening:
                    self._linger()
                case Send():
                    self._sending = asyncio.get_running_loop().create_task(self._send(act))
                case Close():
                    self._close()

    def _close(self) -> None:
        self.call.journal.add("assisted-payment", sid=self.sid, event="over")
        if self.hang_up in self._line.on_end:
            self._line.on_end.remove(self.hang_up)

    def _listen(self) -> None:
        self._stop_tail()
        if not self._listening:
            self._listening = True
            self._line.secrecy.on_entry = self._press
            self._line.secrecy.begin()

    def _wait(self, seconds: float | None) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        if seconds is not None:
            self._pause = asyncio.get_running_loop().call_later(seconds, lambda: self._perform(self._till.receive(Paused())))

    def _linger(self) -> None:
        self._stop_tail()
        self._tail = asyncio.get_running_loop().call_later(TAIL_SECONDS, self._release)

    def _stop_tail(self) -> None:
        if self._tail is not None:
            self._tail.cancel()
            self._tail = None

    def _release(self) -> None:
        """The keys are the call's again."""
        self._stop_tail()
        if self._listening:
            self._listening = False
            self._line.secrecy.on_entry = None
            self._line.secrecy.end()

    async def _send(self, send: Send) -> None:
        around = self._around
        event: PaymentSettled | Refused
        try:
            receipt = await settle(around.connectors, self.call, around.now, send.terms, send.instrument)
            event = PaymentSettled(0, receipt.token, receipt.profile, receipt.confirmation)
        except PaymentRefused as refusal:
            event = Refused(0, refusal.code, str(refusal), refusal.connector_error)
            report(self.call, around.metrics, Report(refusal.code, str(refusal), "error"))
        except Exception as error:
            self.call.log.error("a payment failed", payment_sid=self.sid, exc_info=error)
            event = Refused(0, UNAVAILABLE, f"internal failure: {type(error).__name__}")
        finally:
            send.instrument.forget()
        self._perform(self._till.receive(event))

    def _tell(self, parameters: Parameters, *, changed: bool = True) -> None:
        if changed:
            self.updated = max(self._around.wall(), self.updated)
        pairs = [*self._common(), *((("DateUpdated", _written(self.updated)),) if changed else ()), *parameters]
        self._around.callbacks.send(self.sid, self._callback, "POST", pairs, journal=self.call.journal)

    def _common(self) -> Parameters:
        """What every callback says; a leg of a Dial is named by the call that it is a leg of."""
        pay, terms = self._order.pay, terms_of(self._order.pay)
        return (
            ("AccountSid", self.call.account_sid),
            ("CallSid", self.call.parent_sid or self.call.sid),
            ("Sid", self.sid),
            ("DateCreated", _written(self.created)),
            ("PaymentConnector", pay.payment_connector),
            ("PaymentMethod", pay.payment_method),
            *((("BankAccountType", pay.bank_account_type),) if pay.payment_method == "ach-debit" else ()),
            ("ChargeAmount", terms.amount) if terms.charges else ("TokenType", pay.token_type),
        )


def _written(moment: datetime) -> str:
    return format_datetime(moment.replace(microsecond=0))


class Payments:
    """The payments of the calls that are live; its methods belong to the event loop."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._of_call: dict[str, dict[str, Payment]] = {}
        """By CallSid and the key they were made with, the oldest first."""

    def __len__(self) -> int:
        return sum(not payment.over for made in self._of_call.values() for payment in made.values())

    def start(self, line: Line, key: str, order: Order) -> Payment:
        """Begin a payment, or find the one that was begun with the same key. Raises PaymentRefused."""
        sid = line.call.sid
        made = self._of_call.get(sid, {})
        if key in made:
            return made[key]
        if any(not payment.over for payment in made.values()):
            raise PaymentRefused(BAD_OPERATION, "a payment of this call is going on already")
        self._around.connectors.check(terms_of(order.pay))
        if sid not in self._of_call:
            made = self._of_call[sid] = {}
            line.on_end.append(lambda: self._forget(sid))
        if len(made) >= MOST_OF_A_CALL:
            del made[next(iter(made))]
        payment = made[key] = Payment(line, order, self._around)
        payment.open()
        return payment

    def _forget(self, call_sid: str) -> None:
        self._of_call.pop(call_sid, None)

    def find(self, call_sid: str, sid: str) -> Payment | None:
        """A payment of a call that is live, though it may be over itself."""
        return next((each for each in self._of_call.get(call_sid, {}).values() if each.sid == sid), None)
