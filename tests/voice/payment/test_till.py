"""The payment of section 4.11 without a call: what it does with what happens to it."""

from __future__ import annotations

from datetime import date

import pytest

from markup.events import PaymentRefused as Refused
from markup.events import PaymentSettled as Settled
from markup.verbs import Pay
from voice.payment.connector import PaymentRefused
from voice.payment.till import (
    Acts,
    Cancel,
    Capture,
    Close,
    Complete,
    Event,
    HungUp,
    Key,
    Listen,
    Paused,
    Rest,
    Send,
    Tell,
    Till,
    Wait,
)

TODAY = date(2030, 6, 15)
SHORT = Pay(postal_code="false", security_code=False, charge_amount="5", timeout=9)


def till(pay: Pay = SHORT, *matching: str) -> Till:
    return Till(pay, matching, TODAY)


def enter(payment: Till, piece: str, keys: str) -> Acts:
    """Have something typed; returns what the last key does."""
    acts = payment.receive(Capture(piece))
    for digit in keys:
        acts = payment.receive(Key(digit))
    return acts


def full() -> Till:
    payment = till()
    enter(payment, "payment-card-number", "5555555555554444")
    enter(payment, "expiration-date", "0731")
    return payment


def result(acts: Acts) -> str:
    return next(dict(act.parameters)["Result"] for act in acts if isinstance(act, Tell))


def test_a_request_is_listened_for_before_it_is_told_and_the_clock_starts_with_the_first_key() -> None:
    payment = till()
    assert [type(act) for act in payment.receive(Capture("payment-card-number"))] == [Wait, Listen, Tell]
    assert payment.receive(Key("5"))[0] == Wait(9)
    assert [type(act) for act in payment.receive(Paused())] == [Wait, Tell, Rest]


@pytest.mark.parametrize("event", [Key("5"), Key("*"), Paused(), Settled(0)])
def test_keys_and_timers_of_nothing_mean_nothing(event: Event) -> None:
    assert full().receive(event) == ()


@pytest.mark.parametrize("digit", ["A", "D", "٣", "²"])
def test_what_is_no_digit_of_a_card_is_no_part_of_an_entry(digit: str) -> None:
    payment = till()
    payment.receive(Capture("payment-card-number"))
    assert payment.receive(Key(digit)) == ()


def test_a_request_that_takes_the_place_of_another_begins_anew() -> None:
    payment = full()
    enter(payment, "expiration-date", "12")
    enter(payment, "payment-card-number", "51")
    assert payment.required == ("payment-card-number", "expiration-date")


def test_what_was_sent_is_not_withdrawn() -> None:
    payment = full()
    send = next(act for act in payment.receive(Complete()) if isinstance(act, Send))
    assert (send.terms.amount, send.instrument.expiration) == ("5", "0731")
    for request in (Cancel(), Complete(), Capture("expiration-date")):
        with pytest.raises(PaymentRefused) as refusal:
            payment.receive(request)
        assert refusal.value.code == 64021
    assert payment.receive(HungUp()) == ()
    assert result(payment.receive(Settled(0, confirmation="c"))) == "success"


@pytest.mark.parametrize(
    ("event", "told"), [(Cancel(), "cancelled"), (HungUp(), "caller-hung-up"), (Key("*"), "caller-interrupted-with-star")]
)
def test_every_end_is_told_and_forgets_what_was_typed(event: Event, told: str) -> None:
    payment = full()
    enter(payment, "expiration-date", "1")
    acts = payment.receive(event)
    assert result(acts) == told
    assert acts[-1] == Close()
    assert "5555555555554444" not in str(vars(payment))
    with pytest.raises(PaymentRefused):
        payment.receive(Complete())


def test_a_refused_payment_is_over() -> None:
    payment = full()
    payment.receive(Complete())
    assert result(payment.receive(Refused(0, 64008, "declined"))) == "payment-connector-error"
    assert payment.state == "over"


def test_a_request_that_is_refused_changes_nothing() -> None:
    payment = till()
    payment.receive(Capture("payment-card-number"))
    payment.receive(Key("5"))
    for request in (Complete(), Capture("bank-account-number"), Capture("payment-card-number-matcher")):
        with pytest.raises(PaymentRefused):
            payment.receive(request)
    shown = dict(next(act for act in payment.receive(Key("1")) if isinstance(act, Tell)).parameters)
    assert shown["PaymentCardNumber"] == "xx"
